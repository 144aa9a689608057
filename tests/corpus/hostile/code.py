"""Hostile program text: names in statements, strings, comments and settings of several languages."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from redaction.entities import Output
from redaction.formats import code
from redaction.formats.code import CodeHandler
from tests.corpus.hostile import NEEDLE, Case, Mutant
from tests.corpus.hostile.text import payload

_PYTHON = {
    ("C1", "author"): f"# Author: Jane {NEEDLE} <jane.{NEEDLE.lower()}@mail.example.com>\nx = 1\n",
    ("C1", "task"): f"x = 1  # TODO({NEEDLE.lower()}): ask again\n",
    ("C1", "over two lines"): "# This part was written by Fair-\n# weather in the spring.\nx = 1\n",
    (
        "C1",
        "docstring",
    ): f'def total():\n    """The sum, as Mr {NEEDLE} wants it.\n\n    More.\n    """\n    return 1\n',
    ("C1", "block comment"): f"'''\nCopyright 2020 {NEEDLE} & Sons\n'''\nx = 1\n",
    ("C2", "string"): f"owner = '{NEEDLE}'\n",
    ("C2", "f-string"): f'x = 1\nprint(f"{{x}} of {NEEDLE}")\n',
    ("C2", "identifier"): f"def ask_{NEEDLE.lower()}(x):\n    return x\n\n\nask_{NEEDLE.lower()}(1)\n",
    ("C2", "class"): f"class {NEEDLE}Report:\n    pass\n",
    ("C2", "attribute"): f"import os\n\nos.environ.{NEEDLE.lower()}.name = 1\n",
    ("C2", "decorator"): f"import x\n\n\n@x.{NEEDLE.lower()}\ndef f(): pass\n",
    ("C2", "keyword"): f"f({NEEDLE.lower()}=1, b=2)\n",
    ("C2", "bytes"): f"owner = b'{NEEDLE}'\n",
    ("C2", "path"): f"open('/home/{NEEDLE.lower()}/data/a.csv')\n",
    ("C3", "password"): f"password = '{NEEDLE}-2020!'\n",
}
_OTHERS = {
    ("C1", "tool.js"): f"/**\n * Sums.\n * @author Jane {NEEDLE}\n */\nconst a = 1;\n",
    ("C1", "Tool.java"): f"// written by {NEEDLE}\nclass Tool {{ }}\n",
    ("C1", "tool.sql"): f"-- for Mr {NEEDLE}\nSELECT 1;\n",
    ("C1", "tool.css"): f"/* {NEEDLE} */\np {{ color: red }}\n",
    ("C1", "tool.lua"): f"--[[ by\n{NEEDLE} ]]\nlocal a = 1\n",
    ("C2", "tool.ts"): f"import {{ a }} from '@{NEEDLE.lower()}/tools';\n",
    ("C2", "tool.go"): f'package main\n\nimport "git.example.com/{NEEDLE.lower()}/x"\n',
    ("C2", "tool.sh"): f"#!/bin/sh\ncd /home/{NEEDLE.lower()}/work\n",
    ("C2", "site.yaml"): f"owner: {NEEDLE}\nhosts:\n  - {NEEDLE.lower()}.example.com\n",
    ("C2", "site.toml"): f'[{NEEDLE.lower()}]\nname = "{NEEDLE}"\n',
    ("C2", "site.ini"): f"[people]\nfirst = {NEEDLE}\n",
    (
        "C2",
        "site.xml",
    ): f'<?xml version="1.0"?>\n<a owner="{NEEDLE}"><{NEEDLE}>x</{NEEDLE}><!-- {NEEDLE} --></a>\n',
    ("C2", "Dockerfile"): f"FROM scratch\nLABEL maintainer={NEEDLE}\n",
    ("C2", "CODEOWNERS"): f"* @{NEEDLE.lower()}\n",
    ("C2", ".mailmap"): f"Jane {NEEDLE} <jane@mail.example.com> <jane@old.example.com>\n",
    ("C3", ".env"): f"DB_HOST=localhost\nDB_PASSWORD={NEEDLE}-2020!\n",
    ("C3", "site.properties"): f"api.token={NEEDLE}\n",
}


def cases() -> Iterator[Case]:
    """One for each place of a program, then other languages."""
    for (channel, form), written in _PYTHON.items():
        yield Case(channel, form, "tool.py", written.encode())
    for (channel, name), written in _OTHERS.items():
        yield Case(channel, f"in {name}", name, written.encode())
    yield Case("C2", "document type", "site.xml", _entities().encode(), refused="unsupported")
    yield Case("C4", "one line", "tool.js", f"var a='{NEEDLE}';{'a+=1;' * 4000}".encode(), refused="generated")
    yield Case("C4", "byte code", "tool.py", b"\xa7\r\r\n\0\0\0\0" + NEEDLE.encode(), refused="unsupported")
    yield Case("C4", "packed string", "tool.py", f'data = "{payload()}"\n'.encode())
    map_ = f"const a = 1;\n//# sourceMappingURL=data:application/json;base64,{payload()}\n"
    yield Case("C4", "source map", "tool.js", map_.encode())
    cookie = f"# -*- coding: latin-1 -*-\n# Größe, {NEEDLE}\nx = 1\n"
    yield Case("T2", "latin-1", "tool.py", cookie.encode("latin-1"))
    yield Case("T2", "utf-16", "site.xml", f'<?xml version="1.0" encoding="UTF-16"?><a>{NEEDLE}</a>'.encode("utf-16"))
    yield Case("T2", "utf-7", "tool.py", b"# -*- coding: utf-7 -*-\n# +AEY-airweather\n", refused="parse-failed")


def _entities() -> str:
    declared = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a0 "{NEEDLE}">{declared}]><a>&a9;</a>'


# Mutants ------------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _files_kept() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(code, "without_payloads", lambda text: (text, 0))
        yield


@contextlib.contextmanager
def _encoding_kept() -> Iterator[None]:
    """The bytes of the upload go out as they came in."""

    def passed(handler: CodeHandler, source: bytes, *_: Any, **__: Any) -> Output:
        return Output(source, handler.media_types[0])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CodeHandler, "rewrite", passed)
        yield


MUTANTS: dict[str, Mutant] = {"C4": _files_kept, "T2": _encoding_kept}
