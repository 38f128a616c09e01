# attacks: 24
# tries: frames whose lengths, shapes, types, keys and depths lie
# honest: standardise
# gradable: no
# %%
import json, os, struct, sys


def frame(header, body=b"", claim=None):
    text = header if type(header) is bytes else json.dumps(header).encode()
    return struct.pack(">IQ", len(text), len(body) if claim is None else claim) + text + body


LIES = [
    frame({"id": 1, "ok": True, "value": {"tensor": 0}, "arrays": [{"dtype": "float32", "shape": [2**40]}]}, b"1234"),
    frame({"id": 1, "ok": True, "value": {"tensor": 0}, "arrays": [{"dtype": "float32", "shape": [-1]}]}, b"1234"),
    frame({"id": 1, "ok": True, "value": {"tensor": 0}, "arrays": [{"dtype": "object", "shape": [1]}]}, b"12345678"),
    frame({"id": 1, "ok": True, "value": {"tensor": 7}, "arrays": []}),
    frame(b'{"id": 1, "id": 2, "ok": true, "value": 1, "arrays": []}'),
    frame(b"[" * 5000 + b"]" * 5000),
    frame({"id": 1, "ok": True, "value": 1, "arrays": []}, claim=2**62),
    frame(b'{"id": 1, "ok": true, "value": NaN, "arrays": []}'),
]
for module in list(sys.modules.values()):
    if getattr(module, "__name__", "").startswith("inside.") and hasattr(module, "encode_frame"):
        module.encode_frame = lambda *a: LIES.pop() if LIES else b"\xff" * 64
