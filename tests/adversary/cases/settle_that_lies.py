# attacks: 23, 24
# tries: answer what is asked between cells and tests with numbers and keys that cannot be written down
# honest: standardise
# %%
from inside.answers import requests
from inside.wire import protocol

honest = requests.Interpreter.answer
LONG = {"integer": "-0x" + "f" * 4096}
ODD = {
    "settle": {"list": [{"list": ["answer", "accuracy", LONG, 1, True]}, {"list": ["answer", "a" * 100, 1, LONG, True]}]},
    "unchanged": {"dict": [[{"decimal": "sNaN"}, 1]]},
}


def answer(self, header, arrays):
    if header.get("op") in ODD:
        return protocol.encode_frame({"id": header["id"], "ok": True, "value": ODD[header["op"]]})
    return honest(self, header, arrays)


requests.Interpreter.answer = answer
