# attacks: 17, 18, 23, 24
# tries: write frames, garbage and forged replies to every open descriptor
# honest: standardise
# gradable: no
# %%
import json, os, struct

header = json.dumps({"id": 1, "ok": True, "value": True, "arrays": []}).encode()
frame = struct.pack(">IQ", len(header), 0) + header
for descriptor in range(3, 256):
    for junk in (frame * 20, b"\xff" * 4096, struct.pack(">IQ", 2**31, 2**62)):
        try:
            os.set_blocking(descriptor, False)
            os.write(descriptor, junk)
        except OSError:
            pass
