# attacks: 49, 47, 52
# tries: Markdown that parsers take the square of its length for: openers without an end, quotes, lists, tables, entities
# honest: standardise, softmax_loss, conv_block, accuracy
import json

HARD = [
    "[" * 24_000, "![" * 10_000, "*a_ " * 10_000, "`" + "``a" * 10_000, ">" * 10_000, "- " * 8_000 + "a", "<" * 24_000, "&" * 24_000,
    "[a](<b" * 8_000, "$" * 24_000, "$$x" * 8_000, "|a" * 8_000 + "|\n" + "|-" * 8_000 + "|", "\\" * 24_000, "*" * 24_000 + "a" + "*" * 24_000,
    "\n".join(f"[a{number}]: /u" for number in range(8_000)) + "\n\n" + "[a1]" * 8_000, "<!--" * 8_000, "<a href=" * 10_000, "\n" * 24_000,
    "1. " * 10_000, "#" * 24_000, "a\n" * 10_000 + "===", "[^1]" * 8_000, "~~" * 10_000 + "a", "http://" * 10_000, "\t" * 24_000 + "x",
    "".join("  " * depth + "- a\n" for depth in range(300)), "<div>" * 10_000, "_" * 24_000 + " a", "[a][" * 8_000, "&#x" + "0" * 24_000 + ";",
]


def hand_in(folder, notebook):
    book = json.loads(notebook)
    for number, text in enumerate(HARD):
        book["cells"].append({"cell_type": "markdown", "id": f"m{number}", "metadata": {}, "source": text})
    (folder / "blocks.ipynb").write_text(json.dumps(book))
