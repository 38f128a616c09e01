# question: with_revenue
# misconception: in_place
# sentence: The frame that was given has one more column afterwards: the caller still needs it as it was.
# hint: `assign` makes a new frame.
def with_revenue(sales):
    sales["revenue"] = sales["price"] * sales["count"]
    return sales
