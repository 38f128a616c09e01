# attacks: 49, 52, 26
# tries: ids, tags, keys and names that mean something to programs: __proto__, constructor, __class__, paths and addresses
# honest: standardise, softmax_loss, conv_block, accuracy
import json

NAMES = [
    "__proto__", "constructor", "__class__", "toString", "../../x", "C:\\x", "file:///etc/passwd", "javascript:alert(9)", "<script>alert(9)</script>",
    "{{7*7}}", "{% include '/etc/passwd' %}", "${7*7}", "%s%n", "{0.__class__}", "=1+1", "-1", "nul", "con", ".", "..", "~", "a;b", "a,b", "setup",
    "check", "solution", "given", "provided", "hide", "skip", "remove_cell", "nbgrader", "accuracy", "grade",
]


def hand_in(folder, notebook):
    book = json.loads(notebook)
    book["__proto__"] = book["constructor"] = {"cells": []}
    for number, name in enumerate(NAMES):
        metadata = {"tags": [name], name: {name: name}, "nbgrader": {"grade_id": name, "points": name, "locked": name, "grade": True, "solution": name}}
        metadata["autograder"] = {name: name, "role": name, "question": name}
        for kind in ("code", "markdown"):
            cell = {"cell_type": kind, "id": name[:60], "metadata": metadata, "source": f"# {name}\n'{{{{7*7}}}}'", "outputs": [], "execution_count": 1}
            book["cells"].append(cell)
    book["metadata"] |= {name: {name: name} for name in NAMES} | {"autograder": {"assignment": "../../etc", "release": "{{7*7}}"}}
    (folder / "blocks.ipynb").write_text(json.dumps(book))
