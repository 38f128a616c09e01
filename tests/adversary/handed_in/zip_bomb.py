# attacks: 49
# tries: a megabyte that unpacks to a gigabyte, called a notebook
# honest: none
# outcome: ungradable
import zipfile


def hand_in(folder, honest):
    with zipfile.ZipFile(folder / "blocks.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("blocks.ipynb", "w", force_zip64=True) as file:
            for _ in range(64):
                file.write(bytes(1 << 20))
