"""A person with a browser that has no JavaScript: reads pages, fills in their forms, presses their buttons.

The demo plays its story with it, so whatever it does a person without JavaScript can do too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

TIMEOUT_SECONDS = 60


class StoryError(Exception):
    """A page did not answer as the story expects. Says which page and which errors it showed."""


@dataclass
class Form:
    """One form of a page with what it would send as it stands."""

    action: str
    method: str = "get"
    fields: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)  # name, value, text
    radios: set[str] = field(default_factory=set)  # names of groups of radio buttons


class _Reader(HTMLParser):
    """Collects forms, links and the text of error summaries."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self._button = False
        self._textarea = ""
        self._select = ""
        self._muted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.links.append(values.get("href", ""))
        elif tag == "form":
            self.forms.append(Form(values.get("action", ""), values.get("method", "get").lower()))
        elif tag in {"script", "style", "svg"}:
            self._muted += 1
        elif self.forms:
            self._control(tag, values)

    def _control(self, tag: str, values: dict[str, str]) -> None:
        form, name = self.forms[-1], values.get("name", "")
        if tag == "button" or (tag == "input" and values.get("type") == "submit"):
            form.buttons.append((name, values.get("value", ""), values.get("value", "")))
            self._button = tag == "button"
        elif tag == "textarea":
            self._textarea = name
            form.fields.setdefault(name, [""])
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            if "selected" in values or self._select not in form.fields:
                form.fields[self._select] = [values.get("value", "")]
        elif tag == "input" and name:
            kind = values.get("type", "text")
            if kind == "radio":
                form.radios.add(name)
            if kind in {"checkbox", "radio"}:
                if "checked" in values:
                    form.fields.setdefault(name, []).append(values.get("value", "on"))
            elif kind != "file":
                form.fields.setdefault(name, []).append(values.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "button":
            self._button = False
        elif tag == "textarea":
            self._textarea = ""
        elif tag == "select":
            self._select = ""
        elif tag in {"script", "style", "svg"}:
            self._muted = max(0, self._muted - 1)

    def handle_data(self, data: str) -> None:
        if self._muted:
            return
        if self._button and self.forms:
            name, value, text = self.forms[-1].buttons[-1]
            self.forms[-1].buttons[-1] = (name, value, f"{text}{data}".strip())
        elif self._textarea and self.forms:
            self.forms[-1].fields[self._textarea] = [self.forms[-1].fields[self._textarea][0] + data]
        if data.strip():
            self.words.append(data.strip())


class Page:
    """One answer of the site, read as a browser reads it."""

    def __init__(self, answer: requests.Response) -> None:
        self.url, self.status = answer.url, answer.status_code
        self.text = answer.text if "text/" in answer.headers.get("Content-Type", "") else ""
        self.bytes = answer.content
        reader = _Reader()
        reader.feed(self.text)
        self.forms, self.links, self.words = reader.forms, reader.links, " ".join(reader.words)

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    def form(self, *, button: str = "", action: str = "") -> Form:
        """The form with a button of this text (its beginning, any case) and this piece of address."""
        for form in self.forms:
            named = any(text.lower().startswith(button.lower()) for _, _, text in form.buttons)
            if action in form.action and (named or not button):
                return form
        raise StoryError(f"no form with button {button!r} and address {action!r} on {self.path}")


class Browser:
    """One person's browser: cookies of its own, follows redirects, sends forms as the page wrote them."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy stands between the demo and its own loopback
        self.page: Page | None = None

    @property
    def _url(self) -> str:
        return self.page.url if self.page else self._address

    def form(self, button: str = "", *, action: str = "") -> Form:
        """The form of the open page that has this button and this piece of address."""
        if self.page is None:
            raise StoryError("no page is open")
        return self.page.form(button=button, action=action)

    def get(self, path: str, *, expect: int = 200) -> Page:
        return self._keep(self._session.get(urljoin(self._address, path), timeout=TIMEOUT_SECONDS), expect)

    def press(
        self,
        button: str = "",
        values: Mapping[str, Any] | None = None,
        *,
        action: str = "",
        files: list[tuple[str, tuple[str, bytes, str]]] | None = None,
        expect: int = 200,
    ) -> Page:
        """Fill in the form that has this button and send it."""
        form = self.form(button, action=action)
        sent = dict(form.fields)
        for name, value, text in form.buttons:
            if name and text.lower().startswith(button.lower()):
                sent[name] = [value]
                break
        sent |= {name: value if isinstance(value, list) else [str(value)] for name, value in (values or {}).items()}
        answer = self._session.request(
            form.method,
            urljoin(self._url, form.action),
            data=sent if form.method == "post" else None,
            params=None if form.method == "post" else sent,
            files=files,
            headers={"Referer": self._url},
            timeout=TIMEOUT_SECONDS,
        )
        return self._keep(answer, expect)

    def _keep(self, answer: requests.Response, expect: int) -> Page:
        self.page = Page(answer)
        if self.page.status != expect:
            raise StoryError(f"{self.page.path} answered {self.page.status}: {self.page.words[:300]}")
        return self.page
