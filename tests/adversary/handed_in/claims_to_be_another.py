# attacks: 12, 20
# tries: name another student, an earlier time and a release in the metadata
# honest: standardise, softmax_loss, conv_block, accuracy
# outcome: graded
import json


def hand_in(folder, honest):
    book = json.loads(honest)
    book["metadata"]["autograder"] = {"assignment": "blocks", "release": "../../x", "student": "agreeable", "received_at": "2000-01-01"}
    book["metadata"]["authors"] = [{"name": "<script>window.owned=1</script>"}]
    (folder / "blocks.ipynb").write_text(json.dumps(book))
    (folder / "timestamp.txt").write_text("9999-99-99 <script>")
