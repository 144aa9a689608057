"""The story of one submission, played by people through the real pages while real workers do the rest.

Alice accepts an invitation, answers for her rights, adds seven files, checks what was removed and signs; the worker
seals; Rita claims and approves; Omar builds a batch, Paula approves it, and the sealed copy is verified offline.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path

from consent import services as consent
from intake.management.demo import seed
from intake.management.demo.browser import Browser, StoryError
from intake.models import Batch, Outbox, Programme, Recipient, ReviewTask, Submission
from intake.services import contribute
from intake.states import ArtifactState, SubmissionState
from tests.corpus import SampleSubmission

PURPOSE = "evaluation"
RIGHTS = {"owner": "me", "nda": "no", "permission": "not_needed", "others": "yes", "confidential": "no"}
THIRD_PARTY = {"others_named": "yes", "confidential_marked": "no", "special_category": "no", "secrecy_duty": "no"}
WAIT_SECONDS = 240


@dataclass
class Story:
    """One run: who says what to which page, and a line for every step."""

    address: str
    mail_folder: Path
    programme: Programme
    say: Callable[[str], object]
    people: dict[str, Browser] = field(default_factory=dict)
    begun: float = field(default_factory=time.monotonic)

    def step(self, words: str) -> None:
        self.say(f"  {time.monotonic() - self.begun:5.1f} s  {words}")

    def person(self, name: str) -> Browser:
        """A browser in which this person is signed in, with the demo's one-click button."""
        if name not in self.people:
            browser = Browser(self.address)
            browser.get("/")
            browser.press(action=f"/demo/sign-in/{name}")
            self.people[name] = browser
        return self.people[name]

    # ── alice: from the invitation to the check ────────────────────────────────────────────────────────────────────

    def contribute(self, sample: SampleSubmission) -> Submission:
        """Bring one sample up to the moment its check begins."""
        alice = self.person("alice")
        alice.get(seed.invite(self.programme, "alice"))
        page = alice.press("Continue")
        submission = Submission.objects.get(pk=page.path.strip("/").split("/")[1])
        base = f"/s/{submission.pk}"
        alice.get(f"{base}/rights/")
        alice.press(values=RIGHTS | {"basis": sample.basis}, action="rights")
        alice.get(f"{base}/task/")
        alice.press(
            values={
                "task_request": sample.task_request.text,
                "provenance_class": sample.provenance_class,
                "occupation": sample.occupation,
                "sector": sample.sector,
                "effort_hours": "6",
            },
            action="task",
        )
        alice.get(f"{base}/files/")
        alice.press(
            action="files", files=[(file.role, (file.name, file.data, file.media_type)) for file in sample.files]
        )
        alice.get(f"{base}/files/")
        alice.press(action="start")
        return submission

    def wait(self, submission: Submission, state: str) -> None:
        """Wait for the workers. Nobody helps them."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            submission.refresh_from_db()
            if submission.state == state:
                return
            if submission.seal_refusal or submission.state == SubmissionState.RETURNED:
                break
            time.sleep(0.2)
        codes = list(submission.artifacts.exclude(reason_code="").values_list("reason_code", flat=True))
        raise StoryError(
            f"{submission.reference} is {submission.state}, not {state}: {codes} {submission.seal_refusal}"
        )

    def check(self, submission: Submission) -> Counter[str]:
        """Look at every copy and answer its questions. Returns what was replaced, by type."""
        alice, base = self.person("alice"), f"/s/{submission.pk}"
        found: Counter[str] = Counter()
        for artifact in submission.artifacts.filter(state=ArtifactState.READY).select_related("revision__run"):
            page = alice.get(f"{base}/f/{artifact.pk}/")
            while any("acknowledge" in form.action for form in page.forms):
                page = alice.press(action="acknowledge")
            if artifact.revision is not None:
                run = artifact.revision.run
                found.update(run.findings.filter(source_id=artifact.pk).values_list("entity_type", flat=True))
        return found

    def sign(self, submission: Submission) -> None:
        alice, base = self.person("alice"), f"/s/{submission.pk}"
        alice.get(f"{base}/choose/")
        uses = {f"purpose_{name}": "given" if name == PURPOSE else "refused" for name in self.programme.purposes}
        alice.press(values=uses | THIRD_PARTY, action="choose")
        choices = {name: uses[f"purpose_{name}"] for name in self.programme.purposes}
        about_others = {question: answer == "yes" for question, answer in THIRD_PARTY.items()}
        asked = contribute.quiz(submission, choices, about_others)
        alice.press(values={question.place: question.right for question in asked.questions}, action="understand")
        alice.press("Sign", values={"typed_name": "Alice Example", "code": self._code()})

    def _code(self) -> str:
        """The code, from the newest mail to alice in the folder that stands in for a mail server."""
        for path in sorted(self.mail_folder.iterdir(), key=lambda path: path.stat().st_mtime_ns, reverse=True):
            for text in reversed(path.read_bytes().split(b"-" * 79)):
                body = message_from_bytes(text.lstrip()).get_payload(decode=True)
                if isinstance(body, bytes) and (code := re.search(r"^ {4}(\S{6,12})\s*$", body.decode(), re.MULTILINE)):
                    return code[1]
        raise StoryError("no mail with a code came")

    # ── rita: review ───────────────────────────────────────────────────────────────────────────────────────────────

    def approve(self, submission: Submission) -> None:
        rita = self.person("rita")
        task = ReviewTask.objects.get(submission=submission, state=ReviewTask.State.QUEUED)
        screen = f"/admin/intake/reviewtask/{task.pk}/review/"
        rita.get(screen)
        rita.press("Claim")
        for artifact_id in task.digests:
            rita.get(f"{screen}?file={artifact_id}")
        form = rita.form("Decide")
        questions = {name: "yes" for name in form.radios if name.startswith("check_")}
        rita.press("Decide", values=questions | {"outcome": "approve"})
        self._wait_for_release(submission)

    def _wait_for_release(self, submission: Submission) -> None:
        """A file can go only when its release is signed, which a worker does after the decision."""
        deadline = time.monotonic() + WAIT_SECONDS
        while Outbox.objects.filter(subject_id=submission.pk, kind=Outbox.Kind.RELEASE, sent_at=None).exists():
            if time.monotonic() > deadline:
                raise StoryError(f"the release of {submission.reference} was not signed")
            time.sleep(0.2)

    # ── omar and paula: the batch ──────────────────────────────────────────────────────────────────────────────────

    def export(self) -> Batch:
        omar, paula = self.person("omar"), self.person("paula")
        recipient = Recipient.objects.get(name=seed.RECIPIENT)
        omar.get("/admin/intake/batch/add/")
        asked = {"programme": self.programme.pk, "recipient": recipient.pk, "purpose": PURPOSE}
        omar.press("Show what can go", values=asked)
        omar.press("Freeze")
        batch = Batch.objects.filter(builder__email="omar@example.org").latest("created_at")
        self.step(f"omar froze {batch.number}: {batch.total} files, {sum(r['count'] for r in batch.excluded)} left out")
        paula.get(f"/admin/intake/batch/{batch.pk}/change/")
        paula.press("Approve")
        self.step(f"paula approved {batch.number}; the worker builds and seals it")
        deadline = time.monotonic() + WAIT_SECONDS
        while batch.state != Batch.State.SEALED:
            if time.monotonic() > deadline or batch.refusal:
                raise StoryError(f"{batch.number} is {batch.state}: {batch.refusal}")
            time.sleep(0.2)
            batch.refresh_from_db()
        return batch


def digests(submission: Submission) -> list[tuple[str, str]]:
    """Redacted name and SHA-256 of every file that left, in the order they were added."""
    files = submission.artifacts.leaving().select_related("revision")
    return [(f.revision.name, f.revision.sha256) for f in files if f.revision is not None]


def trust() -> str:
    return consent.trust_fingerprint()
