# question: best_month
# misconception: largest_sale
# sentence: This is the month of the largest single sale.
# hint: Sum the sales of a month first.
def best_month(sales):
    day = sales["date"][sales["revenue"].idxmax()]
    return pd.Timestamp(day.year, day.month, 1)
