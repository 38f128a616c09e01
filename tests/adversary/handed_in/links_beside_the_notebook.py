# attacks: 16
# tries: links, pipes and sockets as artifacts
# honest: standardise, softmax_loss, conv_block, accuracy
# outcome: graded
import os


def hand_in(folder, honest):
    (folder / "blocks.ipynb").write_bytes(honest)
    (folder / "weights.safetensors").symlink_to("/dev/zero")
    (folder / "timestamp.txt").symlink_to("/etc/passwd")
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "model.pt")
