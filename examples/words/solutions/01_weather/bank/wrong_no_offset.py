# question: fahrenheit
# misconception: no_offset
# sentence: The two scales do not begin at the same temperature: 0 °C is 32 °F.
# hint: Try 0 °C.
def fahrenheit(celsius):
    return celsius * 9 / 5
