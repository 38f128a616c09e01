# attacks: 23, 24
# tries: answer what is asked between cells and tests with a dictionary that no dictionary can hold
# honest: standardise
# gradable: no
# %%
from inside.answers import requests
from inside.wire import protocol

honest = requests.Interpreter.answer


def answer(self, header, arrays):
    if header.get("op") in ("settle", "unchanged", "seed"):
        value = {"dict": [[{"decimal": "sNaN"}, 1]]}
        return protocol.encode_frame({"id": header["id"], "ok": True, "value": value})
    return honest(self, header, arrays)


requests.Interpreter.answer = answer
