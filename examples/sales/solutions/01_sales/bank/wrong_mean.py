# question: by_city
# misconception: mean_of_sales
# sentence: This is the mean of a city's sales, not their sum.
# hint: What should a city with many small sales get?
def by_city(sales):
    return sales.groupby("city")["revenue"].mean().sort_values(ascending=False)
