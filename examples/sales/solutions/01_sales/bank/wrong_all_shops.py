# question: own_share
# misconception: all_shops
# sentence: The sales of all shops count, and not those of yours alone.
# hint: Which city does `share_of(code).city` name?


def own_share(sales):
    return float(sales[sales["date"].dt.month.isin(share_of(code).months)]["revenue"].sum())
