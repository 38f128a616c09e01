# attacks: 49
# tries: a zip whose directory lies about sizes and checksums
# honest: none
# outcome: ungradable
import io
import zipfile


def hand_in(folder, honest):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("blocks.ipynb", honest)
    data = bytearray(buffer.getvalue())
    data[len(data) // 3] ^= 0xFF
    data[-30] ^= 0xFF
    (folder / "blocks.zip").write_bytes(data)
