"""Hostile web pages: the needle in everything that a browser shows, hides, fetches or runs."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree

from redaction import writing
from redaction.formats import html
from tests.corpus.hostile import NEEDLE, Case, Mutant
from tests.corpus.hostile.text import FORMS

_LOWER = NEEDLE.lower()
_ENTITIES = "".join(f"&#{ord(sign)};" for sign in NEEDLE)
_PLACES = {
    ("H1", "comment"): f"<!-- draft of {NEEDLE} --><p>Text.</p>",
    ("H1", "conditional"): f"<!--[if mso]><p>{NEEDLE}</p><![endif]--><p>Text.</p>",
    ("H1", "saved from"): f"<!-- saved from url=(0030)https://www.example.com/{_LOWER} --><p>Text.</p>",
    ("H2", "script"): f"<script>var owner = '{NEEDLE}';</script><p>Text.</p>",
    ("H2", "data block"): f'<script type="application/ld+json">{{"author": "{NEEDLE}"}}</script><p>Text.</p>',
    ("H2", "style"): f"<style>p::after {{ content: '{NEEDLE}' }}</style><p>Text.</p>",
    ("H2", "author"): f'<meta name="author" content="{NEEDLE}"><p>Text.</p>',
    ("H3", "title"): f'<p title="Written by {NEEDLE}">Text.</p>',
    ("H3", "alt"): f'<p><img src="a.png" alt="Picture of {NEEDLE}"></p>',
    ("H3", "value"): f'<form><input name="a" value="{NEEDLE}"></form>',
    ("H3", "placeholder"): f'<form><input placeholder="{NEEDLE}"></form>',
    ("H3", "label"): f'<p aria-label="{NEEDLE}">Text.</p>',
    ("H3", "data"): f'<p data-owner="{NEEDLE}" class="{NEEDLE}" id="{NEEDLE}" onclick="{NEEDLE}">Text.</p>',
    ("H3", "link"): f'<p><a href="https://www.example.com/people/{_LOWER}">Text.</a></p>',
    ("H3", "link query"): f'<p><a href="https://www.example.com/?q={_LOWER}#{_LOWER}">Text.</a></p>',
    ("H3", "link encoded"): '<p><a href="https://www.example.com/F%61irw%65ather/">Text.</a></p>',
    ("H3", "mail"): f'<p><a href="mailto:{_LOWER}@mail.example.com">Text.</a></p>',
    ("H3", "anchor"): f'<p><a href="#{_LOWER}">Text.</a></p><h2 id="{_LOWER}">Head</h2>',
    (
        "H3",
        "sources",
    ): f'<picture><source srcset="{_LOWER}.png 2x"><img src="{_LOWER}.png"></picture>',
    ("H3", "entities"): f'<p title="{_ENTITIES}">Text.</p>',
    ("H4", "hidden"): f"<p hidden>Written by {NEEDLE}.</p><p>Text.</p>",
    ("H4", "style"): f'<p style="display: none">Written by {NEEDLE}.</p><p>Text.</p>',
    ("H4", "invisible"): f'<p>Text <span style="visibility:hidden">of {NEEDLE}</span>.</p>',
    ("H4", "between"): f"<p>By Fair<span hidden>and {NEEDLE}</span>weather.</p>",
    ("H4", "no script"): f"<noscript><p>Written by {NEEDLE}.</p></noscript><p>Text.</p>",
    ("H4", "template"): f"<template><p>{NEEDLE}</p></template><p>Text.</p>",
    ("H5", "drawing"): "<svg><text>Fair<tspan>weather</tspan></text></svg><p>Text.</p>",
    ("H5", "drawing title"): f"<svg><title>{NEEDLE}</title><desc>{NEEDLE}</desc><path d='M0 0'/></svg><p>Text.</p>",
    ("H5", "frame"): f'<iframe srcdoc="&lt;p&gt;{NEEDLE}&lt;/p&gt;"></iframe><p>Text.</p>',
    ("H5", "object"): f'<object data="{_LOWER}.pdf"><p>{NEEDLE}</p></object><embed src="{_LOWER}.swf"><p>Text.</p>',
    ("H6", "split"): "<p>Written by Jane <b>Fair</b>weather.</p>",
    ("H6", "split deep"): "<p>Written by <i>F<b>ai</b></i><span>rwea</span>ther.</p>",
    ("H6", "split by comment"): "<p>Written by Fair<!-- x -->weather.</p>",
    ("H6", "split by script"): "<p>Written by Fair<script>x</script>weather.</p>",
    ("H6", "line break"): "<p>Written by Fair-<br>weather.</p>",
    ("H6", "soft break"): "<p>Written by Fair<wbr>wea&shy;ther.</p>",
    ("H6", "entities"): f"<p>Written by {_ENTITIES}.</p>",
    ("H6", "cells"): f"<table><tr><td>Jane</td><td>{NEEDLE}</td></tr></table>",
    ("H6", "page title"): f"<title>Offer of {NEEDLE}</title><p>Text.</p>",
    ("H6", "options"): f"<select><option>{NEEDLE}</option><option>b</option></select>",
    ("H6", "text area"): f"<textarea>\n{NEEDLE}\n</textarea>",
    ("H6", "preformatted"): f"<pre>\n  {NEEDLE}  x\n</pre>",
    ("H6", "unknown element"): f"<x-card>{NEEDLE}</x-card>",
    ("H6", "unclosed"): f"<p>Text<div><b>{NEEDLE}<table><tr><td>x",
    ("H6", "plain text"): f"<p>Text</p><plaintext>{NEEDLE} </plaintext> <b title='{NEEDLE}'>",
}


def cases() -> Iterator[Case]:
    """One for each place, then each form in a paragraph, then what must be refused."""
    for (channel, form), written in _PLACES.items():
        yield Case(channel, form, "page.html", page(written))
    for form, written in FORMS.items():
        yield Case("H6", form, "page.html", page(f"<p>The offer of {written} was taken.</p>"))
    drawn = base64.b64encode(f"<svg xmlns='http://www.w3.org/2000/svg'><text>{NEEDLE}</text></svg>".encode()).decode()
    yield Case("H5", "data address", "page.html", page(f'<img src="data:image/svg+xml;base64,{drawn}"><p>Text.</p>'))
    latin = page(f"<p>Größe, {NEEDLE}</p>").decode().replace("utf-8", "iso-8859-1")
    yield Case("H6", "latin-1", "page.htm", latin.encode("latin-1"))
    yield Case("H6", "utf-16", "page.html", page(f"<p>{NEEDLE}</p>").decode().encode("utf-16"))
    yield Case("H6", "deep", "deep.html", page("<div>" * 3_000 + NEEDLE), refused="limit")
    yield Case("H6", "no page", "lie.html", f"Owner: {NEEDLE}".encode(), refused="mismatch")


def page(body: str) -> bytes:
    """A page with this in its body."""
    head = '<html lang="en"><head><meta charset="utf-8"></head>'
    return f"<!DOCTYPE html>\n{head}<body>\n<h1>Report</h1>\n{body}\n</body></html>\n".encode()


# Mutants ------------------------------------------------------------------------------------------------------------


def _incurable(_: object) -> bool:
    """No simpler form is tried: plain text has no place for what these mutants keep."""
    return False


@contextlib.contextmanager
def _comments_kept() -> Iterator[None]:
    """Comments are copied into the new page."""
    plain = html._Rebuild.children

    def children(rebuild: Any, old: Any) -> None:
        for child in old:
            if child.tag is etree.Comment:
                rebuild.parent.append(etree.Comment(child.text))
        plain(rebuild, old)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(html._Rebuild, "children", children)
        patch.setattr(writing, "_curable", _incurable)
        yield


@contextlib.contextmanager
def _scripts_kept() -> Iterator[None]:
    """Scripts and styles are copied into the new page."""
    plain = html._Rebuild._drop

    def drop(rebuild: Any, old: Any, tag: str) -> None:
        if tag in ("script", "style"):
            etree.SubElement(rebuild.page.body, tag).text = old.text
        else:
            plain(rebuild, old, tag)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(html._Rebuild, "_drop", drop)
        patch.setattr(writing, "_curable", _incurable)
        yield


MUTANTS: dict[str, Mutant] = {"H1": _comments_kept, "H2": _scripts_kept}
