"""What is asked of every page a test visits: no accessibility or CSP violation, no request to anybody else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

OUTPUT = Path(__file__).resolve().parents[2] / "test-output" / "screenshots"
# Without its preload: for a stylesheet that imports another, axe would add an inline one, which our policy refuses.
WCAG = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]},
    "preload": False,
}
# Names the elements that stick out, where the page as a whole scrolls sideways.
TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll("body *")]
    .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".table-scroll, .copy"))
    .slice(0, 8).map((e) => `${e.tagName}.${e.className} ${Math.round(e.getBoundingClientRect().right)}`)"""
NARROW, WIDE = {"width": 320, "height": 800}, {"width": 1400, "height": 900}


class Audit:
    """Listens to one page for as long as it lives, and looks at it when asked."""

    def __init__(self, page: Page, address: str, folder: str, *, twin: Page | None = None) -> None:
        """``twin``: a page of a browser with JavaScript, where ``page`` has none and axe cannot run in it."""
        self.page, self._host, self._folder, self._twin = page, urlsplit(address).netloc, OUTPUT / folder, twin
        self.violations: list[str] = []
        self.strangers: list[str] = []
        self.looked_at: list[str] = []
        page.on("console", lambda message: self._heard(message.text))
        page.on("request", lambda request: self._asked(request.url))

    def _heard(self, text: str) -> None:
        if "content security policy" in text.lower():
            self.violations.append(text)

    def _asked(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != self._host:
            self.strangers.append(parts.netloc)

    def look(self, name: str) -> None:
        """Check the open page in light and dark; leave pictures of it narrow and wide."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self.looked_at.append(name)
        schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
        for scheme in schemes:
            self.page.emulate_media(color_scheme=scheme)
            found = Axe().run(self._scripted(scheme), options=WCAG)
            assert found.violations_count == 0, f"{name}, {scheme}: {found.generate_report()}"
            self._picture(name, scheme)
        self.page.emulate_media(color_scheme="light")
        self.check()

    def _scripted(self, scheme: Literal["light", "dark"]) -> Page:
        """The page itself, or the same address for the same person where scripts can run."""
        if self._twin is None:
            return self.page
        self._twin.context.add_cookies(self.page.context.cookies())  # type: ignore[arg-type]
        self._twin.emulate_media(color_scheme=scheme)
        self._twin.goto(self.page.url)
        return self._twin

    def check(self) -> None:
        """Nothing the page did so far may have broken the policy or asked anybody else."""
        assert not self.violations, self.violations
        assert not self.strangers, self.strangers

    def _picture(self, name: str, scheme: str) -> None:
        slug = re.sub(r"\W+", "-", name.lower()).strip("-")
        number = len(self.looked_at)
        for width, size in (("narrow", NARROW), ("wide", WIDE)):
            self.page.set_viewport_size({"width": size["width"], "height": size["height"]})
            too_wide = self.page.evaluate(TOO_WIDE)
            assert not too_wide, f"{name}, {width}, scrolls sideways because of {too_wide}"
            self.page.screenshot(path=self._folder / f"{number:02d}-{slug}-{scheme}-{width}.png", full_page=True)
