"""Realistic, harmless work with planted identifiers: five submissions, the same bytes for the same seed.

Other tests use it as the input of the whole road: what is planted must never leave, what is ordinary must stay.
"""

from __future__ import annotations

from tests.corpus.sample import Planted, SampleFile, SampleSubmission, SampleText
from tests.corpus.stories.complaint import complaint
from tests.corpus.stories.incident import incident
from tests.corpus.stories.inspection import inspection
from tests.corpus.stories.onboarding import onboarding
from tests.corpus.stories.warehouse import warehouse

__all__ = ["Planted", "SampleFile", "SampleSubmission", "SampleText", "samples"]

STORIES = (warehouse, complaint, onboarding, incident, inspection)


def samples(seed: int = 2026) -> list[SampleSubmission]:
    """The five submissions; the first holds every kind of file."""
    return [story(seed + number) for number, story in enumerate(STORIES)]
