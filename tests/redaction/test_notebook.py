from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import nbformat
import pytest

from redaction.entities import Extraction, Kind, Plan, Tier
from redaction.errors import RefusedError
from redaction.formats import Limits, Switches
from redaction.formats.notebook import NotebookHandler
from redaction.formats.table import sniff
from redaction.media import NOTEBOOK, TEXT
from redaction.readers import notebook as reader
from tests.corpus.hostile import Case
from tests.corpus.hostile import notebook as hostile
from tests.corpus.hostile.notebook import book, cell
from tests.redaction.plans import plan_for

LIMITS = Limits()
HANDLER = NotebookHandler()
OUTPUTS = Switches(outputs=True)


def extract(data: bytes, switches: Switches = Switches()) -> Extraction:
    return HANDLER.extract(data, LIMITS, switches)


def rewrite(data: bytes, words: dict[str, str], switches: Switches = Switches()) -> dict[str, Any]:
    plan = plan_for(extract(data, switches), words)
    value: dict[str, Any] = json.loads(HANDLER.rewrite(data, plan, LIMITS, switches).data)
    return value


def test_it_works() -> None:
    data = book(cell("markdown", ["# Of Jane\n", "x"]), cell("code", "y = 'Jane'  # Jane"))
    new = rewrite(data, {"Jane": "PERSON_1"})
    assert [one["source"] for one in new["cells"]] == [["# Of PERSON_1\n", "x"], ["y = 'PERSON_1'  # PERSON_1"]]
    nbformat.validate(new)


def test_the_rest_of_it_is_ours() -> None:
    data = book(
        cell("code", "x = 1", id="jane", metadata={"a": "Jane"}),
        kernelspec={"name": "jane", "display_name": "Jane's kernel", "language": "python"},
        colab={"provenance": [{"displayName": "Jane"}]},
    )
    new = rewrite(data, {})
    assert "ane" not in json.dumps(new)
    assert new["cells"][0] == {
        "cell_type": "code", "id": "cell1", "metadata": {}, "source": ["x = 1"], "execution_count": None, "outputs": [],
    }  # fmt: skip
    assert new["metadata"]["kernelspec"] == {"display_name": "Python 3", "language": "python", "name": "python3"}
    assert (new["nbformat"], new["nbformat_minor"]) == (4, 5)


def test_another_language_stays_if_it_is_known() -> None:
    assert rewrite(book(cell("code", "x"), language_info={"name": "R"}), {})["metadata"]["kernelspec"]["name"] == "ir"
    assert rewrite(book(cell("code", "x"), language_info={"name": "jane"}), {})["metadata"]["language_info"] == {
        "name": "python"
    }


def test_people_in_the_metadata_are_old_properties() -> None:
    data = book(cell("code", "x"), authors=[{"name": "Jane Fairweather"}], kernelspec={"name": "python3"})
    assert extract(data).metadata == ["Jane Fairweather"]


def test_cells_are_prose_and_code() -> None:
    data = book(cell("markdown", "a\n\nb"), cell("code", "x = 1  # c"), cell("raw", "d"))
    found = [(one.anchor, one.text, one.kind, one.carrier) for one in extract(data).segments]
    assert found == [
        ("cell1/l1", "a", Kind.PROSE, "TX"),
        ("cell1/l3", "b", Kind.PROSE, "TX"),
        ("cell2/l1", "x = 1  ", Kind.CODE, "C2"),
        ("cell2/l1/c1", "c", Kind.PROSE, "C1"),
        ("cell3/l1", "d", Kind.PROSE, "TX"),
    ]


@pytest.mark.parametrize("one", [hostile._STREAM, hostile._RESULT, hostile._TRACE], ids=["stream", "result", "trace"])
def test_outputs_are_dropped_or_their_texts_rewritten(one: dict[str, Any]) -> None:
    data = book(one)
    assert rewrite(data, {})["cells"][0]["outputs"] == []
    assert extract(data).counts["N1"] == 1
    kept = rewrite(data, {"Fairweather": "X"}, OUTPUTS)
    nbformat.validate(kept)
    [output] = kept["cells"][0]["outputs"]
    assert "X" in json.dumps(output)
    assert "airweather" not in json.dumps(output).casefold()
    assert set(output.get("data", {"text/plain": ""})) == {"text/plain"}


def test_colours_of_a_trace_do_not_cut_a_name() -> None:
    assert any(one.text == "Fairweather" for one in extract(book(hostile._TRACE), OUTPUTS).segments)


def test_version_3_becomes_version_4() -> None:
    [old] = [case for case in hostile.cases() if case.form == "version 3"]
    new = rewrite(old.data, {"Fairweather": "X"})
    nbformat.validate(new)
    assert [one["source"] for one in new["cells"]] == [["## Of X"], ["a = 'X'"]]


def test_the_simpler_form_is_text() -> None:
    data = book(cell("markdown", "Of Jane"), cell("code", "x = 1"))
    plan = replace(plan_for(extract(data), {"Jane": "X"}), tier=Tier.B)
    output = HANDLER.rewrite(data, plan, LIMITS)
    assert (output.data, output.media_type, output.tier) == (b"Of X\n\nx = 1\n", TEXT, Tier.B)


REFUSED = {
    "no JSON": (b'{"cells": [', "parse-failed"),
    "no notebook": (b"[]", "parse-failed"),
    "no version": (b'{"cells": []}', "parse-failed"),
    "version 2": (b'{"nbformat": 2, "worksheets": []}', "parse-failed"),
    "no cells": (b'{"nbformat": 4, "metadata": {}, "cells": {}}', "parse-failed"),
    "deep": (b'{"nbformat": 4, "cells": ' + b"[" * 900 + b"]" * 900 + b"}", "limit"),
    "never closed": (b'{"nbformat": 4, "cells": ' + b"[" * 100_000, "limit"),
    "too many cells": (book(*[cell("raw", "x")] * 50), "limit"),
}


@pytest.mark.parametrize(("data", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_it_refuses(data: bytes, code: str) -> None:
    with pytest.raises(RefusedError) as refused:
        HANDLER.extract(data, replace(LIMITS, cells=40))
    assert refused.value.code == code


def test_content_and_name_must_agree() -> None:
    assert sniff("a.ipynb", book()) == NOTEBOOK
    with pytest.raises(RefusedError, match="mismatch"):
        sniff("a.ipynb", b"just words")


ODD = {
    "fields of other types": book({"cell_type": 5, "source": 7, "metadata": None, "outputs": "x", "attachments": None}),
    "outputs of other types": book(cell("code", "x", outputs=[7, {"output_type": "stream"}, {"data": "y"}])),
    "numbers without end": b'{"nbformat": 4, "nbformat_minor": ' + b"9" * 5000 + b', "metadata": {}, "cells": []}',
    "half a character": b'{"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "raw", "source": "a\\ud83d"}]}',
}


@pytest.mark.parametrize("data", ODD.values(), ids=ODD.keys())
def test_odd_notebooks_come_out_whole(data: bytes) -> None:
    nbformat.validate(rewrite(data, {}, OUTPUTS))


NOTEBOOKS = [case for case in hostile.cases() if not case.refused]


@pytest.mark.parametrize("case", NOTEBOOKS, ids=lambda case: case.id)
def test_copies_are_declared_and_stable(case: Case) -> None:
    plan = plan_for(extract(case.data, OUTPUTS), {"Fairweather": "PERSON_1"})
    data = HANDLER.rewrite(case.data, plan, LIMITS, OUTPUTS).data
    assert data == HANDLER.rewrite(case.data, plan, LIMITS, OUTPUTS).data
    assert HANDLER.rewrite(data, Plan({}, "x.ipynb"), LIMITS, OUTPUTS).data == data
    assert reader.undeclared(data) == []
    written = {word for segment in extract(data, OUTPUTS).segments for word in segment.text.split()}
    assert written <= {word for block in reader.cells(data) for word in block.text.split()}


UNDECLARED = {
    "metadata of the notebook": lambda book: book["metadata"].update(authors=[]),
    "a kernel with a name": lambda book: book["metadata"]["kernelspec"].update(name="jane"),
    "a title with a name": lambda book: book["metadata"]["kernelspec"].update(display_name="Jane"),
    "metadata of a cell": lambda book: book["cells"][0]["metadata"].update(a=1),
    "an id": lambda book: book["cells"][0].update(id="jane"),
    "an attachment": lambda book: book["cells"][0].update(attachments={}),
    "a picture": lambda book: book["cells"][0].update(
        outputs=[{"output_type": "display_data", "metadata": {}, "data": {"image/png": "x"}}]
    ),
    "another key": lambda book: book.update(owner="x"),
}


@pytest.mark.parametrize("change", UNDECLARED.values(), ids=UNDECLARED.keys())
def test_what_is_not_ours_is_listed(change: Any) -> None:
    new = rewrite(book(cell("code", "x = 1")), {})
    assert reader.undeclared(json.dumps(new).encode()) == []
    change(new)
    assert reader.undeclared(json.dumps(new).encode()) != []
