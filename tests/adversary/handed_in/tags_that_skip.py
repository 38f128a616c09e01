# attacks: 18, 25
# tries: tags and metadata that other graders obey: skip, raises, points, checksums
# honest: none
# outcome: graded
# at_most: 0
import json


def hand_in(folder, honest):
    book = json.loads(honest)
    for cell in book["cells"]:
        cell["metadata"]["tags"] = ["skip-execution", "raises-exception", "remove-cell", "parameters", "train"]
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"] |= {"points": 100, "checksum": "0", "grade": True, "locked": True}
        if "def " in cell["source"]:
            cell["source"] = "def nothing():\n    pass"
        cell["outputs"] = [{"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": "400"}}]
    book["metadata"]["autograder"] = {"score": 12, "assignment": "blocks", "student": "someone-else"}
    book["metadata"]["kernelspec"] = {"name": "../../evil", "display_name": "x", "argv": ["/bin/sh"]}
    (folder / "blocks.ipynb").write_text(json.dumps(book))
