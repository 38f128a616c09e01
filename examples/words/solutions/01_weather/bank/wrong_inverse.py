# question: fahrenheit
# misconception: wrong_direction
# sentence: This turns degrees Fahrenheit into degrees Celsius.
# hint: A degree Fahrenheit is smaller, so the numbers become larger.
def fahrenheit(celsius):
    return (celsius - 32) * 5 / 9
