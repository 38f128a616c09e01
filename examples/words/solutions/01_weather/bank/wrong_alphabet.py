# question: warmest_day
# misconception: largest_name
# sentence: This compares the names of the days, not their temperatures.
# hint: `max` of a dict looks at its keys; its argument `key` says what to compare.
def warmest_day(readings):
    return max(readings)
