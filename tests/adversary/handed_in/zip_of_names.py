# attacks: 49, 52
# tries: sixty thousand members with long names
# honest: none
# outcome: ungradable
import zipfile


def hand_in(folder, honest):
    with zipfile.ZipFile(folder / "blocks.zip", "w") as archive:
        for number in range(60_000):
            archive.writestr(f"{number}.ipynb", b"")
