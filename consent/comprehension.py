"""Three questions before the signature, drawn from what the contributor has just answered.

They find out whether the notice was understood: each is a small scene about this person's own choices. There are as
many tries as one likes, each wrong answer is explained, and nothing else depends on it. The words stand in TOML beside
the notices, one file per version and language, frozen by ``released.json`` like them.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from consent import notice
from consent.documents import Terms
from consent.errors import NoticeError
from consent.notice import NoticeText
from consent.record import Json, canonical, sha256_hex

PLACES = ("use", "way_out", "others")
# The quiz of a notice that names none: those released before there were questions.
FIRST = "2026-12"


@dataclass(frozen=True)
class Question:
    """One scene with its answers. ``right`` is the place of the right answer, counted from 0."""

    place: str
    text: str
    answers: tuple[str, ...]
    right: int
    because: str


@dataclass(frozen=True)
class Quiz:
    """The questions drawn for one sign page, and the words around them."""

    quiz_id: str
    version: str
    language: str
    words: Mapping[str, str]
    questions: tuple[Question, ...]

    @property
    def sha256(self) -> str:
        """Hex digest of what was asked, word for word; what an attempt is recorded under."""
        asked = [{"text": question.text, "answers": list(question.answers)} for question in self.questions]
        named = {"quiz_id": self.quiz_id, "version": self.version, "language": self.language}
        return sha256_hex(canonical({**named, "questions": asked}))

    def missed(self, answers: Mapping[str, int]) -> list[Question]:
        """Return the questions that ``answers`` (place → chosen answer, counted from 0) gets wrong or leaves out."""
        return [question for question in self.questions if answers.get(question.place) != question.right]


def draw(text: NoticeText, terms: Terms, *, choices: Mapping[str, str], third_party: Mapping[str, bool]) -> Quiz:
    """Choose the three questions that fit these answers, in the notice's language.

    Args:
        choices: purpose id → ``given`` or ``refused``. third_party: the answers about others, by name.
    Raises:
        NoticeError: the questions of this notice do not exist or were changed since their release.
    """
    source = load(str(text.terms.get("quiz", FIRST)), text.language)
    refused = [name for name in terms.purposes if choices.get(name) == "refused"]
    purpose = (refused or list(terms.purposes))[-1]
    holds = {
        "refused": bool(refused),
        "all_given": not refused,
        "paid": Decimal(terms.pay_amount) > 0,
        "unpaid": Decimal(terms.pay_amount) <= 0,
        "others_named": bool(third_party.get("others_named")),
        "nobody_named": not third_party.get("others_named"),
    }
    filled = {"{purpose}": text.purpose(purpose)["title"], "{pay}": f"{terms.pay_amount} {terms.pay_currency}"}
    drawn = []
    for place in PLACES:
        fitting = [item for item in source["questions"] if item["place"] == place and holds[item["when"]]]
        if not fitting:
            raise NoticeError
        drawn.append(_question(fitting[0], filled))
    named = {name: source[name] for name in ("quiz_id", "version", "language", "words")}
    return Quiz(**named, questions=tuple(drawn))


def _question(item: Json, filled: Mapping[str, str]) -> Question:
    text = item["text"]
    for mark, words in filled.items():
        text = text.replace(mark, words)
    return Question(item["place"], text, tuple(item["answers"]), item["right"], item["because"])


@functools.cache
def load(version: str, language: str) -> Json:
    """Read the released questions of one version; a language that does not exist falls back to English.

    Raises:
        NoticeError: no such version, not released, or changed since it was released.
    """
    folder = notice.FOLDER / "quiz" / version
    if not (folder / f"{language}.toml").is_file() and language != "en":
        return load(version, "en")
    data = notice.released_bytes(f"quiz/{version}/{language}", folder / f"{language}.toml")
    return tomllib.loads(data.decode())


def passed(quiz: Quiz, attempts: int) -> Json:
    """Return what a record says of questions that were answered rightly at last, after this many tries."""
    return {"quiz_id": quiz.quiz_id, "version": quiz.version, "passed": True, "attempts": attempts}
