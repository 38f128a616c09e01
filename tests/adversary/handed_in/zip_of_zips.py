# attacks: 49
# tries: zips in zips, each holding the one before several times
# honest: none
# outcome: ungradable
import io
import zipfile


def hand_in(folder, honest):
    data = honest
    for level in range(6):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for copy in range(4 if level else 1):
                archive.writestr(f"{copy}.zip" if level else "blocks.ipynb", data)
        data = buffer.getvalue()
    (folder / "blocks.zip").write_bytes(data)
