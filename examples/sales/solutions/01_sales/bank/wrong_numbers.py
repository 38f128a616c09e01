# question: load_sales
# misconception: old_row_numbers
# sentence: Rows keep the numbers that they had in the file.
# hint: `ignore_index=True`, or `reset_index(drop=True)`.
def load_sales(path):
    return pd.read_csv(path, parse_dates=["date"]).dropna(subset=["price"]).sort_values("date", kind="stable")
