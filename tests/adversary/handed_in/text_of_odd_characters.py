# attacks: 49, 52
# tries: unpaired surrogates, NUL, other line ends, marks of direction and of byte order in code, text, ids and tags
# honest: standardise, softmax_loss
# at_most: 12
import json

ODD = "\ud800 \udfff \0 \r \r\n \x0b \x0c \x1c \x85 \u2028 \u2029 \ufeff \ufffe \u202e \u2066 \x1b[31m \U0010ffff \ue000"


def hand_in(folder, notebook):
    book = json.loads(notebook)
    for cell in list(book["cells"]):
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        cell["metadata"]["tags"] = [ODD, "check" + ODD]
        if name == "standardise":
            cell["source"] = cell["source"].replace("\n", "\r\n")
        if name == "softmax_loss":
            cell["source"] = [line + "\r" for line in cell["source"].split("\n")]
        if name == "conv_block":
            cell["source"] = "\ufeff" + cell["source"] + "\n# " + "\u202e\u2066\u2028"
        if name == "accuracy":
            cell["source"] = f"# {ODD}\n" + cell["source"] + f"\nodd = {ODD!r}"
    for number, kind in enumerate(("code", "markdown", "raw", "\ud800", "code\0")):
        book["cells"].append({"cell_type": kind, "id": ODD, "metadata": {ODD: ODD, "id": ODD}, "outputs": [], "source": [ODD, ODD * 1000],
                              "attachments": {ODD: {"image/png": ODD}}, "execution_count": ODD})
    book["metadata"] = {"kernelspec": {"language": ODD, "name": ODD}, "language_info": {"name": "python" + ODD, "version": ODD},
                        "autograder": {"assignment": ODD, "release": ODD}}
    (folder / "blocks.ipynb").write_text(json.dumps(book))
