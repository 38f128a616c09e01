# question: own_share
# note: Row by row.


def own_share(sales):
    share = share_of(code)
    rows = zip(sales["city"], sales["date"], sales["revenue"])
    return float(sum(revenue for city, date, revenue in rows if city == share.city and date.month in share.months))
