# attacks: 49
# tries: a notebook whose parts have other types than they should
# honest: none
# outcome: ungradable
import json


def hand_in(folder, honest):
    book = json.loads(honest)
    book["cells"] = {"0": book["cells"]}
    book["nbformat"] = "four"
    book["metadata"] = [1e400]
    (folder / "blocks.ipynb").write_text(json.dumps(book))
