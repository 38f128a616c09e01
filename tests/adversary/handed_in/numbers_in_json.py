# attacks: 49, 24
# tries: numbers that no number is, of thousands of digits, beyond doubles and below zero, where a notebook has numbers
# honest: standardise, softmax_loss, conv_block, accuracy
import json


def hand_in(folder, notebook):
    book = json.loads(notebook)
    marks = {"@1": "9" * 4000, "@2": "1e99999", "@3": "-0", "@4": "NaN", "@5": "-Infinity", "@6": "1" + "0" * 300 + ".5e-400", "@7": "4.0000000000000001"}
    for number, cell in enumerate(book["cells"]):
        cell["execution_count"] = f"@{number % 7 + 1}"
        cell["metadata"]["@4"] = [f"@{mark}" for mark in range(1, 8)]
        cell["metadata"].get("nbgrader", {}).update(points="@1", schema_version="@2", cell_type="@3")
        cell["outputs"] = [{"output_type": "execute_result", "execution_count": "@1", "metadata": {"@1": "@2"}, "data": {"text/plain": "@2"}}]
    book["nbformat_minor"] = "@1"
    book["metadata"] = {"language_info": {"name": "python", "version": "3.11.99999999999999999999"}, "kernelspec": {"language": "@1"},
                        "autograder": {"assignment": "@1", "release": "@2"}}
    text = json.dumps(book)
    for mark, digits in marks.items():
        text = text.replace(f'"{mark}":', f'"{mark[1:]}":').replace(f'"{mark}"', digits)
    (folder / "blocks.ipynb").write_text(text)
