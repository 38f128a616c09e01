# question: warmest_day
# misconception: value_not_name
# sentence: This gives the highest temperature, not the day on which it was measured.
# hint: Which of the dict's keys has the largest value?
def warmest_day(readings):
    return max(readings.values())
