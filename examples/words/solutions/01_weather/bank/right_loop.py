# question: warmest_day
# note: a loop that keeps the best so far
def warmest_day(readings):
    best = None
    for day, celsius in readings.items():
        if best is None or celsius > readings[best]:
            best = day
    return best
