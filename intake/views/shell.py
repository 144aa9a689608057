"""What the frame around every page shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest


@dataclass(frozen=True)
class DemoPerson:
    """One button of the demo's sign-in."""

    name: str
    does: str

    @property
    def title(self) -> str:
        return self.name.capitalize()

    @property
    def email(self) -> str:
        return f"{self.name}@example.org"


DEMO_PEOPLE = (
    DemoPerson("alice", "contributes her work"),
    DemoPerson("rita", "reviews what others sent"),
    DemoPerson("omar", "builds batches for recipients"),
    DemoPerson("paula", "protects privacy, approves batches"),
    DemoPerson("mallory", "is a stranger: every door is closed"),
)


def shell(_request: HttpRequest) -> dict[str, Any]:
    """Context of every template: whether this is the demo, who may be tried out, and what is missing."""
    return {
        "embedded": settings.EMBEDDED,
        "unsandboxed": settings.UNSANDBOXED,
        "demo_people": DEMO_PEOPLE if settings.EMBEDDED else (),
    }
