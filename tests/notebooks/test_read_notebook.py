"""Notebooks from real life and from people who mean harm."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.notebooks.outputs import clean_outputs
from autograder.notebooks.read import Notebook, NotebookError, read_notebook
from autograder.notebooks.untrusted_json import UntrustedJsonError, parse

CODE = {"cell_type": "code", "metadata": {}, "source": "x = 1", "outputs": [], "execution_count": None}


def document(*cells: Any, **more: Any) -> bytes:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells), **more}).encode()


def sources(notebook: Notebook) -> list[str]:
    return [cell.source for cell in notebook.cells]


def test_the_plain_case() -> None:
    cell = {
        **CODE,
        "id": "abc",
        "metadata": {"tags": ["train", 3, "a b"], "nbgrader": {"grade_id": "soften"}},
        "source": ["a = 1\n", "b = 2"],
    }
    text = {"cell_type": "markdown", "source": "# Ü", "id": "m"}
    ours = {"assignment": "03_separable", "release": "0123abcd"}
    notebook = read_notebook(document(text, cell, metadata={"autograder": ours}), "a.ipynb")
    assert (notebook.assignment, notebook.release, notebook.notices) == ("03_separable", "0123abcd", ())
    assert sources(notebook) == ["# Ü", "a = 1\nb = 2"]
    read = notebook.cells[1]
    assert (read.index, read.kind, read.id, read.grade_id, read.tags) == (1, "code", "abc", "soften", {"train"})
    assert notebook.code_cells == (read,)


@pytest.mark.parametrize("encode", [
    lambda data: b"\xef\xbb\xbf" + data,
    lambda data: data.decode().encode("utf-16"),
    lambda data: data.decode().encode("utf-16-le"),
    lambda data: data.decode().encode("utf-16-be"),
    lambda data: data.decode().encode("utf-32-le"),
    lambda data: data + b"\0" * 300,
    lambda data: data + b"\n\0\0",
    lambda data: data.replace(b"\\n", b"\\r\\n"),
    lambda data: data.replace(b", ", b",\r\n"),
    lambda data: data.replace(b'"metadata": {}', b'"metadata": {"x": NaN, "y": -Infinity}'),
])  # fmt: skip
def test_odd_encodings_read_the_same(encode: Any) -> None:
    assert sources(read_notebook(encode(document({**CODE, "source": "a = 1\nb = 2\n"})), "a")) == ["a = 1\nb = 2\n"]


def test_wrong_bytes_are_replaced_and_noted() -> None:
    notebook = read_notebook(document({**CODE, "source": "s = 'ZZ'"}).replace(b"ZZ", b"\xff"), "a")
    assert sources(notebook) == ["s = '�'"]
    assert "UTF-8" in notebook.notices[0]


def test_half_a_surrogate_pair_becomes_writable() -> None:
    notebook = read_notebook(document(CODE).replace(b"x = 1", b"x = '\\ud83d'"), "a")
    notebook.cells[0].source.encode()


def test_repeated_keys_are_noted() -> None:
    notebook = read_notebook(b'{"nbformat": 4, "cells": [], "cells": [{"cell_type": "code", "source": "y"}]}', "a")
    assert sources(notebook) == ["y"]
    assert "'cells'" in notebook.notices[0]


def test_nbformat_3() -> None:
    cells = [
        {"cell_type": "heading", "level": 2, "source": "Title"},
        {"cell_type": "code", "input": ["a = 1\n", "a"], "prompt_number": 3, "language": "python", "outputs": [
            {"output_type": "pyout", "prompt_number": 3, "text": ["1"], "metadata": {}},
            {"output_type": "stream", "stream": "stderr", "text": "warned"},
            {"output_type": "pyerr", "ename": "E", "evalue": "v", "traceback": ["t"]}]},
    ]  # fmt: skip
    data = json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}).encode()
    notebook = read_notebook(data, "old.ipynb")
    assert sources(notebook) == ["## Title", "a = 1\na"]
    result, stream, error = notebook.cells[1].outputs
    assert (result["output_type"], result["data"], result["execution_count"]) == (
        "execute_result",
        {"text/plain": "1"},
        3,
    )
    assert (stream["name"], stream["text"]) == ("stderr", "warned")
    assert (error["output_type"], error["traceback"]) == ("error", ["t"])


@pytest.mark.parametrize("cell", [
    {"cell_type": "code", "source": "x"},
    {"cell_type": "code", "source": "x", "metadata": None, "outputs": None, "id": 7},
    {"cell_type": "code", "source": "x", "metadata": [1], "outputs": {"a": 1}, "id": ["a"]},
    {"cell_type": "code", "source": "x", "metadata": {"tags": "train", "nbgrader": [], "id": 3}},
    {"cell_type": "code", "source": "x", "metadata": {"tags": [{}], "nbgrader": {"grade_id": "../../x"}}},
    {"cell_type": "code", "source": "x", "outputs": [1, None, {}, {"output_type": "stream"}, {"output_type": 5}]},
])  # fmt: skip
def test_what_does_not_decide_may_be_wrong(cell: dict[str, Any]) -> None:
    read = read_notebook(document(cell), "a").cells[0]
    assert (read.source, read.id, read.grade_id, read.tags) == ("x", "", "", frozenset())


@pytest.mark.parametrize(("data", "parts"), [
    (b"", ["empty file"]),
    (b"\xef\xbb\xbf  \n", ["empty file"]),
    (b"import torch", ["line 1, column 1", "not a notebook"]),
    (b"<!DOCTYPE html><html>", ["web page"]),
    (b'{"cells": [', ["ends in the middle"]),
    (b'{"cells": [},\n' + b" " * 80 + b"}", ["line 1, column 12", "broken JSON"]),
    (b'<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> other', ["Git's conflict marks"]),
    (b'{"cells": []}\n{"cells": []}', ["line 2, column 1", "a second notebook"]),
    (b'{"cells": []}\n</body>', ["line 2, column 1", "goes on after the notebook's end"]),
    (b"{'cells': []}", ["line 1, column 2", "a Python dictionary"]),
    (b'{"cells": [None]}', ["a Python dictionary"]),
    (b'{"cells": [1, 2,],\n"a": 1}', ["line 1", "a comma before a closing bracket"]),
    (b'{"cells": [],\n}\n  ', ["a comma before a closing bracket"]),
    (b'{\n// mine\n"cells": []}', ["line 2, column 1", "a comment"]),
    (b'{"cells": ["a\nb"], "c": 1}', ["a line break in the middle of a text"]),
    (b'{"cells": ["C:\\Users"], "c": 1}', ["a backslash that JSON does not know"]),
    (b'{"cells": ["abc, "x', ["ends in the middle"]),
    (b'"{\\"cells\\": []}"', ["packed into a text"]),
    (b"PK\x03\x04abc", ["a zip archive"]),
    (b"\x1f\x8b\x08abc", ["a gzip archive"]),
    (b"%PDF-1.7", ["a PDF"]),
    (b"\x89PNG\r\n", ["a picture"]),
    (b"[1, 2]", ["whole file", "a list"]),
    (b'{"cells": {"a": 1}}', ["cells: found an object", "a list of cells"]),
    (b'{"cells": [3]}', ["cells[0]: found a number"]),
    (b'{"cells": [{"source": "x"}]}', ["cells[0].cell_type: found nothing"]),
    (b'{"cells": [{"cell_type": "code", "source": 5}]}', ["cells[0].source: found a number", "list of lines"]),
    (b'{"cells": [{"cell_type": "code", "source": ["a", 5]}]}', ["cells[0].source: found a list"]),
    (b'{"cells": [{"cell_type": "markdown", "source": "a"}]}', ["no code"]),
    (b'{"nbformat": 3, "worksheets": [{"cells": 3}]}', ["worksheets[0].cells"]),
    (b'{"nbformat": 3, "worksheets": 3}', ["worksheets: found a number"]),
    (b'{"a": 1' + b"1" * 5000 + b"}", ["cannot be read"]),
    (b"[" * 100_000, ["deeper than 64"]),
    (b'{"a":' * 70 + b"1" + b"}" * 70, ["deeper than 64"]),
    (b"[" + b"[]," * 2_000_000 + b"1]", ["elements"]),
    (b" " * ((32 << 20) + 1), ["32 MiB, expected at most 32 MiB"]),
])  # fmt: skip
def test_one_clear_message(data: bytes, parts: list[str]) -> None:
    with pytest.raises(NotebookError) as caught:
        read_notebook(data, "hw.ipynb")
    message = str(caught.value)
    assert message.startswith("hw.ipynb: ")
    assert "\n" not in message
    assert len(message) < 300
    for part in parts:
        assert part in message


def test_ten_thousand_cells_and_one_more() -> None:
    assert len(read_notebook(document(*[CODE] * 10_000), "a").cells) == 10_000
    with pytest.raises(NotebookError, match="10001 cells"):
        read_notebook(document(*[CODE] * 10_001), "a")


@pytest.mark.parametrize(
    "data", [b'"' + b'\\"' * 2_000_000, b'"' * 3_000_001, b'"\\', b'{"a": "' + b"\\\\" * 1_000_000]
)
def test_checking_takes_linear_time(data: bytes) -> None:
    """In quadratic time it would take hours; the time limit of every test is enough to tell."""
    with pytest.raises(UntrustedJsonError):
        parse(data)


def test_unknown_cell_types_newer_formats_and_other_languages_are_noted() -> None:
    data = document(
        CODE, {"cell_type": "sql", "source": "select"}, nbformat=5, metadata={"kernelspec": {"language": "R"}}
    )
    notebook = read_notebook(data, "a")
    assert [cell.kind for cell in notebook.cells] == ["code", "raw"]
    assert len(notebook.notices) == 3


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["cells", "cell_type", "source", "metadata", "outputs", "output_type", "data", "text", "tags",
                         "nbgrader", "grade_id", "id", "worksheets", "input", "nbformat", "code", "image/png"]),
        inner | st.sampled_from(["code", "markdown", "stream", "error", "pyout", "display_data"]), max_size=5),
    max_leaves=30,
)  # fmt: skip


def accepts_or_refuses(data: bytes) -> None:
    try:
        notebook = read_notebook(data, "a.ipynb")
    except NotebookError:  # anything else fails the test
        return
    assert all(isinstance(cell.source, str) for cell in notebook.cells)
    json.dumps([cell.outputs for cell in notebook.cells], ensure_ascii=False).encode()


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(json_values)
def test_any_json_is_read_or_refused(value: Any) -> None:
    accepts_or_refuses(json.dumps(value).encode())
    accepts_or_refuses(document(value))
    accepts_or_refuses(document(CODE, {**CODE, "outputs": value, "metadata": value, "attachments": value}))


@settings(max_examples=300)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    accepts_or_refuses(data)
    accepts_or_refuses(document(CODE)[:60] + data)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(json_values)
def test_cleaned_outputs_hold_text_and_png_only(value: Any) -> None:
    for output in clean_outputs([value, {"output_type": "display_data", "data": value}]):
        assert output["output_type"] in ("stream", "error", "execute_result", "display_data")
        assert set(output.get("data", {})) <= {"text/plain", "image/png"}
    assert clean_outputs(clean_outputs([value])) == clean_outputs([value])


def test_what_was_odd_about_a_file_is_noted() -> None:
    data = document(CODE)
    assert "UTF-16" in read_notebook(data.decode().encode("utf-16-le"), "a").notices[0]
    assert "12 empty bytes" in read_notebook(data + b"\0" * 12, "a").notices[0]


@pytest.mark.parametrize(("said", "read"), [
    ("3.13.1", (3, 13)), ("3.9", (3, 9)), ("three", ()), (3.1, ()), (None, ()), ("9" * 400, ()), ("3.13rc1", ()),
])  # fmt: skip
def test_the_version_of_python_is_read(said: Any, read: tuple[int, ...]) -> None:
    assert read_notebook(document(CODE, metadata={"language_info": {"version": said}}), "a").python == read
