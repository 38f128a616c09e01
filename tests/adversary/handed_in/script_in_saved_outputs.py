# attacks: 52
# tries: script, SVG and forged feedback in outputs, attachments and Markdown as saved
# honest: standardise, softmax_loss, conv_block, accuracy
# outcome: graded
# never_raw: <script>window.owned, <svg onload=window, <img src=x onerror=window
import json


def hand_in(folder, honest):
    book = json.loads(honest)
    script = "<script>window.owned=1</script><svg onload=window.owned=1></svg><img src=x onerror=window.owned=1>"
    for cell in book["cells"]:
        cell["outputs"] = [
            {"output_type": "display_data", "metadata": {}, "data": {"text/html": script, "image/svg+xml": script, "text/plain": script}},
            {"output_type": "error", "ename": script, "evalue": script, "traceback": [script, "\x1b]0;owned\x07"]},
        ]
    book["cells"].append({"cell_type": "markdown", "id": "m", "metadata": {}, "source": script + "[x](javascript:window.owned=1)",
                          "attachments": {"x.png": {"image/png": "AAAA", "text/html": script}}})
    book["cells"].append({"cell_type": "raw", "id": "r", "metadata": {"format": "text/html"}, "source": script})
    (folder / "blocks.ipynb").write_text(json.dumps(book))
