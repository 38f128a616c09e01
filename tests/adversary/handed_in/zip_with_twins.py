# attacks: 49
# tries: two members of one name, of which tools choose different ones
# honest: none
# outcome: ungradable
import warnings
import zipfile


def hand_in(folder, honest):
    with zipfile.ZipFile(folder / "blocks.zip", "w") as archive:
        archive.writestr("blocks.ipynb", honest)
        archive.writestr("BLOCKS.ipynb", honest.replace(b"softmax", b"softmin"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            archive.writestr("blocks.ipynb", b"{}")
