# attacks: 52, 49
# tries: names of files, cells and languages in the markup by which the terminal's messages are coloured
# honest: none
# outcome: either
# at_most: 12
import json

MARKUP = "[/red][bold][link=https://evil.example]x[/link][/][blink]]]"


def hand_in(folder, notebook):
    book = json.loads(notebook)
    book["metadata"] = {"kernelspec": {"language": MARKUP}, "language_info": {"name": MARKUP, "version": MARKUP}}
    for cell in book["cells"]:
        cell["metadata"]["tags"] = [MARKUP]
    book["cells"].append({"cell_type": MARKUP, "id": "m", "metadata": {}, "source": MARKUP})
    (folder / f"{MARKUP.replace('/', '')}.ipynb").write_text(json.dumps(book))
    (folder / "[bold]blocks[red].ipynb").write_text(json.dumps(book)[:-40] + MARKUP)
