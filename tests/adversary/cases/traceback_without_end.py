# attacks: 46, 24
# tries: claim errors whose lines hold megabytes, for cell after cell
# honest: standardise
# %%
from inside.shell import cells

lines = [[number, 1, "w" * 3900] for number in range(20)]
error = {"type": "E" * 5000, "message": "m" * 9000, "lines": lines, "where": "student"}
cells.Shell.run_cell = lambda self, *how, **more: {
    "status": "error", "error": error, "outputs": [], "seconds": 1e300,
}


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"


# %%
"cell"
