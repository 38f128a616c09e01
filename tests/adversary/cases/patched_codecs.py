# attacks: 28, 23, 24
# tries: replace encodings, JSON, base64, struct and the names that our own code imports when it answers
# honest: standardise
# gradable: no
# at_most: 4
# %%
import base64, codecs, json, struct, sys

codecs.register_error("replace", lambda error: ("\ud800", error.end))
codecs.register_error("strict", lambda error: ("1", error.end))
json.dumps = lambda *a, **k: '{"id": 1, "ok": true, "value": 1, "arrays": []}'
json.JSONEncoder.encode = json.dumps
json.loads = lambda *a, **k: {"op": "call", "id": 1, "name": "accuracy", "args": [], "kwargs": {}}
base64.b64encode = lambda data: b"AAAA"
struct.Struct.pack = None if hasattr(struct.Struct, "__dict__") and False else getattr(struct.Struct, "pack", None)
for name in list(sys.modules):
    if name.startswith("inside"):
        vars(sys.modules[name]).setdefault("__builtins__", {})
        sys.modules[name] = None
