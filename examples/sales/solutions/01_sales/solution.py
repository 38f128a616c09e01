# %% [markdown] nbgrader={"grade_id": "intro", "locked": true}
# # Sales: from rows to an answer
#
# Three shops wrote down what they sold, in `data/sales.csv`: a row a sale. Some prices were forgotten.

# %% tags=["setup"]
import matplotlib.pyplot as plt
import pandas as pd

# %% [markdown]
# ## Read the file


# %% nbgrader={"grade_id": "load_sales", "solution": true}
def load_sales(path):
    """Return the sales in a file as a frame, in the order of their dates, with rows numbered from 0.

    `date` is of dtype datetime64, and sales without a price are left out.
    """
    ### BEGIN SOLUTION
    sales = pd.read_csv(path, parse_dates=["date"])
    return sales.dropna(subset=["price"]).sort_values("date", kind="stable", ignore_index=True)
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade_id": "check_load_sales", "grade": true}
sales = load_sales("data/sales.csv")
assert sales["date"].is_monotonic_increasing
assert sales["price"].notna().all()

# %% [markdown]
# ## Revenue


# %% nbgrader={"grade_id": "with_revenue", "solution": true}
def with_revenue(sales):
    """Return a new frame with one more column, `revenue`: price times count. `sales` stays as it is."""
    ### BEGIN SOLUTION
    return sales.assign(revenue=sales["price"] * sales["count"])
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade_id": "check_with_revenue", "grade": true}
assert with_revenue(pd.DataFrame({"price": [2.0], "count": [3]}))["revenue"].tolist() == [6.0]

# %% [markdown]
# ## Cities


# %% nbgrader={"grade_id": "by_city", "solution": true}
def by_city(sales):
    """Return the sum of `revenue` of each city as a Series named `revenue`, indexed by `city`, the largest first."""
    ### BEGIN SOLUTION
    return sales.groupby("city")["revenue"].sum().sort_values(ascending=False)
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade_id": "check_by_city", "grade": true}
some = pd.DataFrame({"city": ["Bern", "Basel", "Bern"], "revenue": [1.0, 2.5, 3.0]})
assert by_city(some).to_dict() == {"Bern": 4.0, "Basel": 2.5}

# %% [markdown]
# ## The best month


# %% nbgrader={"grade_id": "best_month", "solution": true}
def best_month(sales):
    """Return the first day of the month with the largest sum of `revenue`, as a Timestamp."""
    ### BEGIN SOLUTION
    months = sales.groupby(sales["date"].dt.to_period("M"))["revenue"].sum()
    return months.idxmax().to_timestamp()
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade_id": "check_best_month", "grade": true}
days = pd.DataFrame({"date": pd.to_datetime(["2026-01-05", "2026-02-01"]), "revenue": [1.0, 2.0]})
assert best_month(days) == pd.Timestamp("2026-02-01")

# %% [markdown]
# ## Your own share
#
# Each of you looks at another shop and quarter. Put the code that you were given between the quotes.

# %% tags=["variant"]
code = "F8TUD"

# %% tags=["given"]
from personal import share_of

print(share_of(code).text)


# %% nbgrader={"grade_id": "own_share", "solution": true}
def own_share(sales):
    """Return the sum of `revenue` of your shop in your months, of any year, as a float."""
    ### BEGIN SOLUTION
    share = share_of(code)
    own = sales[(sales["city"] == share.city) & sales["date"].dt.month.isin(share.months)]
    return float(own["revenue"].sum())
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade_id": "check_own_share", "grade": true}
year = pd.DataFrame({"date": pd.date_range("2026-01-15", periods=12, freq="30D"), "city": share_of(code).city})
assert own_share(year.assign(revenue=1.0)) == 3.0

# %% [markdown]
# ## Quiz
#
# `sales.groupby("city")["revenue"].sum()` gives:
#
# a) a frame with two columns  b) a Series indexed by city  c) a dict

# %% nbgrader={"grade_id": "quiz_1", "solution": true}
quiz_1 = None  # one of "a", "b", "c"
### BEGIN SOLUTION
quiz_1 = "b"
### END SOLUTION

# %% tags=["check"] nbgrader={"grade_id": "check_quiz", "grade": true}
assert quiz_1 in ("a", "b", "c")

# %% [markdown]
# ## A picture of it
#
# Draw one bar a city, the largest first, with a title and labelled axes. A person looks at the picture.

# %% nbgrader={"grade_id": "plot_cities", "grade": true, "solution": true}
### BEGIN SOLUTION
totals = by_city(with_revenue(load_sales("data/sales.csv")))
figure, axes = plt.subplots()
axes.bar(totals.index, totals)
axes.set(title="Revenue of the shops", xlabel="city", ylabel="CHF")
### END SOLUTION
