# attacks: 52
# tries: link to script by definitions inside quotes and lists, entities and reference images
# honest: standardise, softmax_loss, conv_block, accuracy
# never_raw: href="javascript
import json

TEXTS = [
    "> [x]: javascript:alert(1)\n\n[x]",
    "- [y]: <javascript:alert(1)>\n\n[y] [z][y]",
    "1. [w]:\n   java&#115;cript:alert(1)\n\n[w]",
    "[v](javascript&colon;alert(1)) <javascript:alert(1)>",
]


def hand_in(folder, notebook):
    book = json.loads(notebook)
    for number, text in enumerate(TEXTS):
        cell = {"cell_type": "markdown", "id": f"m{number}", "metadata": {}, "source": text}
        if "attachment" in text:
            cell["attachments"] = {"a.jpg": {"image/jpeg": "/9j/4AAQ"}, "b.png": {"image/png": "bm90IGEgcG5n"}}
        book["cells"].append(cell)
    (folder / "blocks.ipynb").write_text(json.dumps(book))
