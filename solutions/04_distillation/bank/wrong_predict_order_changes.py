# question: predict_temperature
# misconception: temperature_changes_the_order
# sentence: Temperature is thought to change which class is the largest.
# hint: Dividing by a positive number keeps the order.

predict_1 = "c"
predict_2 = "c"
predict_3 = "c"
