# question: load_sales
# misconception: dates_are_texts
# sentence: The dates are still texts: they sort like words, and have no months.
# hint: `read_csv` has an argument `parse_dates`.
def load_sales(path):
    return pd.read_csv(path).dropna(subset=["price"]).sort_values("date", kind="stable", ignore_index=True)
