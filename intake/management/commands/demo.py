"""``manage.py demo``: seeds people and work, plays the story of one submission, prints what came out and the logins."""

from __future__ import annotations

import io
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from intake.management.demo.browser import StoryError
from intake.management.demo.seed import PEOPLE, seed
from intake.management.demo.story import Story, digests, trust
from intake.models import Batch, Submission
from intake.states import SubmissionState
from tests.corpus import samples

IN_SHORT = {
    "alice": "contributor: her submissions, what was removed, her receipt, Withdraw",
    "rita": "reviewer: the queue and the review screen in the admin",
    "omar": "ops: batches, what can go and what not",
    "paula": "privacy officer and second ops person: approves what omar built",
}


class Command(BaseCommand):
    help = "Plays the main job end to end through the running portal, as alice, rita, omar and paula."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--samples", type=int, default=3, help="how many sample submissions to bring in (3)")

    def handle(self, *_: Any, **options: Any) -> None:
        if not settings.EMBEDDED:
            raise CommandError("The demo runs only on the embedded default: manage.py up --demo")
        programme = seed()
        story = Story(settings.ENV.public_url, Path(settings.EMAIL_FILE_PATH), programme, self._say)
        self._say("\nThe story of one submission, through the real pages:")
        try:
            self._play(story, options["samples"])
        except StoryError as error:
            raise CommandError(f"The story stopped: {error}") from error

    def _play(self, story: Story, count: int) -> None:
        work = samples()[:count]
        first = story.contribute(work[0])
        planted = sum(len(file.planted) for file in work[0].files) + len(work[0].task_request.planted)
        story.step(f"alice accepted, answered for her rights, added {len(work[0].files)} files ({first.reference})")
        story.wait(first, SubmissionState.CHECKING)
        found = story.check(first)
        story.step(f"the worker redacted them; alice looked at all {first.artifacts.leaving().count()} copies")
        story.sign(first)
        story.step("alice signed with her name and the code from her mail")
        story.wait(first, SubmissionState.IN_REVIEW)
        story.step("the worker sealed file and consent side by side in the vault")
        story.approve(first)
        story.step("rita claimed it, looked at every file and approved")
        batch = story.export()
        copy = self._keep_copy(batch)
        story.step(f"{batch.number} is sealed; its copy verifies offline")
        for sample in work[1:]:
            other = story.contribute(sample)
            story.wait(other, SubmissionState.CHECKING)
        if len(work) > 1:
            story.check(other)
            story.sign(other)
            story.wait(other, SubmissionState.IN_REVIEW)
            story.step(f"{len(work) - 1} more submissions wait for alice and for rita")
        self._summary(first, batch, copy, found, planted)

    def _keep_copy(self, batch: Batch) -> Path:
        """A copy of the sealed bag outside the store, checked as its recipient would."""
        folder = settings.ENV.vouchsafe_data_dir / "exports"
        call_command("export_batch", batch.number, "--to", str(folder), stdout=io.StringIO())
        copy = folder / batch.number
        call_command("verify_batch", str(copy), "--trust", trust(), stdout=io.StringIO())
        return copy

    def _summary(self, submission: Submission, batch: Batch, copy: Path, found: Counter[str], planted: int) -> None:
        self._say(
            f"\n{submission.reference}: {planted} identifiers were planted, {sum(found.values())} places replaced"
        )
        for entity_type, count in found.most_common():
            self._say(f"  {count:4}  {entity_type.replace('_', ' ').lower()}")
        self._say("\nWhat left, by its SHA-256:")
        for name, digest in digests(submission):
            self._say(f"  {digest}  {name}")
        self._say(f"\nThe exported batch: {copy}")
        self._say(f"  manifest-sha256.txt has the SHA-256 {batch.manifest_sha256}")
        self._say("Check it yourself, offline:")
        self._say(f"  .venv/bin/bagit.py --validate {copy}")
        self._say(f"  .venv/bin/python manage.py verify_batch {copy} --trust {trust()}")
        self._say(f"\nSign in with one click at {settings.ENV.public_url}/")
        for name, words in IN_SHORT.items():
            self._say(f"  {name:<6} {PEOPLE[name][0]:<12} {words}")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
