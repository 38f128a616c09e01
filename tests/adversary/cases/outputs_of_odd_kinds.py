# attacks: 46, 52, 24
# tries: claim outputs of unknown kinds, with deep metadata and numbers for names
# honest: standardise
# never_raw: <script>alert(1)
# %%
from inside.shell import cells

deep = {"a": 1}
for _ in range(12):
    deep = {"a": deep}
odd = [
    {"output_type": "script", "text": "x"}, {"output_type": "stream", "name": 5, "text": ["a", 5]}, {"output_type": []},
    {"output_type": "display_data", "data": {"text/html": "<script>alert(1)</script>"}, "metadata": deep},
    {"output_type": "error", "ename": 5, "evalue": None, "traceback": [1, {}, "x" * 900_000]}, {},
]
cells.Shell.run_cell = lambda self, *how, **more: {
    "status": "ok", "error": None, "outputs": odd, "seconds": 0,
}


# %%
"cell"
