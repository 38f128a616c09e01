# question: by_city
# note: a dict that sums, made a Series at the end
def by_city(sales):
    sums = {}
    for city, revenue in zip(sales["city"], sales["revenue"]):
        sums[city] = sums.get(city, 0.0) + revenue
    found = pd.Series(sums, name="revenue").sort_values(ascending=False)
    return found.rename_axis("city")
