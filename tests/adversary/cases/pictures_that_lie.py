# attacks: 46, 52, 49
# tries: pictures that grow when they are unpacked, hide archives and script, or claim sizes they do not have
# honest: standardise
# never_raw: data:image/gif, data:image/webp, data:image/jpeg
# %%
import base64, io, struct, zlib
from IPython.display import Image, display


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def picture(width, height, *more, pixels=None, depth=8, colour=0):
    rows = zlib.compress(b"\0" * (height * (width + 1)) if pixels is None else pixels, 9)
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(more) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


SCRIPT = b"<script>alert(7)</script>"
PICTURES = [
    picture(9000, 9000), picture(2**31 - 1, 1, pixels=b"\0\0"), picture(1, 1, pixels=b"\0" * (50 << 20)),
    picture(2, 2, chunk(b"iCCP", b"p\0\0" + zlib.compress(b"\0" * (60 << 20), 9))),
    picture(2, 2, chunk(b"zTXt", b"x\0\0" + zlib.compress(SCRIPT * 1_000_000, 9))), picture(2, 2, chunk(b"tEXt", b"x\0" + SCRIPT)),
    picture(2, 2, chunk(b"acTL", struct.pack(">II", 10**6, 0))), picture(2, 2) + SCRIPT + b"PK\x05\x06" + b"\0" * 18,
    b"\x89PNG\r\n\x1a\n" + SCRIPT, b"GIF89a" + struct.pack("<HH", 65535, 65535) + SCRIPT, b"RIFF\xff\xff\xff\x7fWEBP" + SCRIPT,
    b"\xff\xd8\xff\xe0" + SCRIPT,
]
for data in PICTURES:
    text = base64.b64encode(data).decode()
    for kind in ("image/png", "image/jpeg", "image/gif", "image/webp"):
        display({kind: text, "text/plain": "picture"}, raw=True)
