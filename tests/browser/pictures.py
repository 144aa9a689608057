"""``make pictures``: the README's pictures, taken from a running demo (``make demo`` in another terminal).

One page per role, wide, in light and dark; the files land in ``docs/pictures``.
"""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"


def one_file(page: Page) -> None:
    """The check page of the longest file of a submission that waits for its contributor."""
    page.goto("/s/")
    page.locator("a", has_text="Ready for your check").or_(page.locator("main a[href^='/s/']")).first.click()
    address = page.url
    page.goto(address + "check/")
    page.locator("main a[href*='/f/']").nth(1).click()


def review_screen(page: Page) -> None:
    page.goto("/admin/intake/reviewtask/")
    if page.get_by_role("link", name="Go on").count():
        page.get_by_role("link", name="Go on").first.click()
    else:
        page.get_by_role("button", name="Start reviewing").click()
    page.locator("nav.file-tabs a").last.click()


def newest_batch(page: Page) -> None:
    page.goto("/admin/intake/batch/")
    page.locator("#result_list tbody a").first.click()


PAGES: dict[str, tuple[str, Callable[[Page], object]]] = {
    "landing": ("", lambda page: page.goto("/")),
    "contributor": ("alice", one_file),
    "reviewer": ("rita", review_screen),
    "ops": ("omar", newest_batch),
    "second-person": ("paula", lambda page: page.goto("/admin/")),
}


def take(browser: Browser, address: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, (person, go) in PAGES.items():
        context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 800})
        page = context.new_page()
        page.goto("/")
        if person:
            page.locator(f"form[action$='/demo/sign-in/{person}'] button").click()
        go(page)
        page.emulate_media(color_scheme="light")
        page.screenshot(path=FOLDER / f"{name}-light.png")
        page.emulate_media(color_scheme="dark")
        page.screenshot(path=FOLDER / f"{name}-dark.png")
        context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", default="http://localhost:8000")
    asked = parser.parse_args()
    with sync_playwright() as playwright:
        root = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--disable-gpu", *root])
        take(browser, asked.address)
        browser.close()


if __name__ == "__main__":
    main()
