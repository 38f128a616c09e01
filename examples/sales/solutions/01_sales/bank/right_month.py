# question: best_month
# note: the month's first day as a key
def best_month(sales):
    first = sales["date"] - pd.to_timedelta(sales["date"].dt.day - 1, unit="D")
    return sales["revenue"].groupby(first).sum().idxmax()
