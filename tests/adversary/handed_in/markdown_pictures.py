# attacks: 52, 11
# tries: load pictures from elsewhere, and from attachments that are missing or of another kind
# honest: standardise, softmax_loss, conv_block, accuracy
# never_raw: src="https://evil
import json

TEXTS = [
    "![a](https://evil.example/seen.png) ![b](//evil.example/seen.png)",
    "[c]: https://evil.example/seen.png\n\n![c]",
    "![d](attachment:missing.png) ![e](attachment:a.jpg) ![f](attachment:b.png)",
    "<img src='https://evil.example/seen.png'>",
]


def hand_in(folder, notebook):
    book = json.loads(notebook)
    for number, text in enumerate(TEXTS):
        cell = {"cell_type": "markdown", "id": f"m{number}", "metadata": {}, "source": text}
        if "attachment" in text:
            cell["attachments"] = {"a.jpg": {"image/jpeg": "/9j/4AAQ"}, "b.png": {"image/png": "bm90IGEgcG5n"}}
        book["cells"].append(cell)
    (folder / "blocks.ipynb").write_text(json.dumps(book))
