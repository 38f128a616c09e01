# question: own_share
# misconception: all_months
# sentence: The sales of your shop count in every month, and not in yours alone.
# hint: Which months does `share_of(code).months` name?


def own_share(sales):
    return float(sales[sales["city"] == share_of(code).city]["revenue"].sum())
