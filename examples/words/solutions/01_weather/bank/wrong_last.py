# question: warmest_day
# misconception: last_of_equals
# sentence: Of equally warm days this gives the last one.
# hint: Compare with `>` or with `>=`?
def warmest_day(readings):
    best = next(iter(readings))
    for day, celsius in readings.items():
        if celsius >= readings[best]:
            best = day
    return best
