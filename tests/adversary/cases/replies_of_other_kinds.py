# attacks: 23, 24
# tries: answer each kind of question with a value of a kind that is never an answer to it
# honest: none
# at_most: 3
# %%
from inside.answers import requests
from inside.wire import protocol

honest = requests.Interpreter.answer
VALUES = [
    {"handle": 2**60, "kind": "module", "class": "Linear"}, {"handle": 0, "kind": "function", "class": "\u202e<b>"},
    {"decimal": "sNaN"}, {"decimal": "1e999999999"}, {"integer": "0x" + "f" * 4096}, {"missing": "NaT"}, {"other": "x" * 300},
    {"record": ["__class__", [["__dict__", 1], ["__eq__", 2]], None]}, {"named": ["tuple", ["__class__", "_fields", "count"], [1, 2, 3]]},
    {"sparse": ["csr", [3, 3], {"numbers": 0}, {"numbers": 0}, {"numbers": 0}, False]}, {"set": {"list": [1, True]}},
    {"frame": [[], ["range", [0, 8 << 20, 1], [None]], ["range", [0, 8 << 20, 1], [None]]]}, {"index": ["range", [2**62, -(2**62), -1], [None]]},
    {"datetime": ["9999-12-31T23:59:59.999999", "-23:59", 1]}, {"texts": [0, 0]}, {"mapping": [{"list": []}, {"list": []}]},
    {"list": [{"list": [{"tuple": []}]}] * 100}, {"dict": [[{"tuple": [{"float": "nan"}]}, 1]]}, {"float": "0x1p+99999"}, {}, [], 2**70,
]
count = 0


def answer(self, header, arrays):
    global count
    if header.get("op") == "run_cell":
        return honest(self, header, arrays)
    count += 1
    return encode(header["id"], VALUES[count * 7 % len(VALUES)])


def encode(number, value):
    return protocol.encode_frame({"id": number, "ok": True, "value": value})


requests.Interpreter.answer = answer


# %%
def standardise(x):
    return x
