# question: by_city
# misconception: smallest_first
# sentence: The smallest sum comes first.
# hint: `sort_values` has an argument `ascending`.
def by_city(sales):
    return sales.groupby("city")["revenue"].sum().sort_values()
