"""The hostile corpus: in every channel of every format, in every form, the needle is there before and gone after.

For each case an outsider's reader (``tests.oracles``) first finds the needle in the input; then none of the format's
readers finds it in the copy or in its name. A case that must be refused is refused with its own reason. After that each
carrier of each handler is switched off in turn: with verification on the file must be blocked, with verification off a
reader must find the needle. A carrier whose loss nothing notices is not tested at all.

The whole corpus is ``make hostile``; without it one form of each channel is drawn, another one with ``HOSTILE=2``.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
import pkgutil
import random
import unicodedata
import warnings
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from redaction import engine, policy, writing
from redaction.entities import Action, DenyTerm, Plan, RedactedFile, SourceFile, Verdict
from redaction.formats.table import HANDLERS
from redaction.readers.table import readers_for
from redaction.sandbox import Sandbox
from redaction.verify import Expected, Verified
from tests import oracles
from tests.corpus import hostile
from tests.corpus.hostile import Case, Mutant
from tests.redaction.open_cage import OpenCage

# What is written in a container of its own counts for the format that its name ends with.
_LEAST_CASES = 180
_LEAST_FORMATS = 10
_LEAST_READERS = 2


def modules(package: Any) -> list[Any]:
    """All modules of a package, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    return [importlib.import_module(f"{package.__name__}.{name}") for name in names]


@functools.cache
def cases() -> tuple[Case, ...]:
    return tuple(case for module in modules(hostile) if hasattr(module, "cases") for case in module.cases())


def squeeze(text: str) -> str:
    """Letters and digits alone, without accents and case: how an outsider compares."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in decomposed.casefold() if sign.isalnum())


def sees(name: str, data: bytes, needle: str) -> list[str]:
    """The readers that find the needle. One that cannot open the file sees nothing."""
    found = []
    for reader_name, reader in oracles.of(name).items():
        with contextlib.suppress(Exception), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an odd file is what it reads all the same
            if squeeze(needle) in squeeze(reader(data)):
                found.append(reader_name)
    return found


def redacted(case: Case) -> RedactedFile:
    terms = [DenyTerm(case.needle, "PERSON")]
    return engine.redact([SourceFile("a", case.name, case.data)], policy.load(case.policy), deny=terms).files[0]


def sampled() -> list[Case]:
    """All cases with ``HOSTILE=all``; else one form of each channel of each format, drawn by ``HOSTILE``."""
    seed = os.environ.get("HOSTILE", "1")
    if seed == "all":
        return list(cases())
    forms: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in cases():
        forms[case.name.rpartition(".")[2], case.channel].append(case)
    draw = random.Random(seed)
    return [draw.choice(some) for some in forms.values()]


@pytest.mark.parametrize("case", sampled(), ids=lambda case: case.id)
def test_the_needle_is_there_before_and_gone_after(case: Case) -> None:
    file = redacted(case)
    if case.refused:
        assert (file.verdict, file.reasons, file.data) == (Verdict.BLOCKED, (case.refused,), None)
        return
    assert sees(case.name, case.data, case.needle) or squeeze(case.needle) in squeeze(case.name)
    assert file.data is not None, file.reasons
    opened = 0
    for name, reader in oracles.of(file.name_out).items():
        assert squeeze(case.needle) not in squeeze(reader(file.data)), name
        opened += 1
    assert opened >= _LEAST_READERS
    assert squeeze(case.needle) not in squeeze(file.name_out)


def test_the_corpus_is_as_wide_as_promised() -> None:
    assert len({case.id for case in cases()}) == len(cases())
    assert len(cases()) >= _LEAST_CASES
    assert len({case.name.rpartition(".")[2] for case in cases()}) >= _LEAST_FORMATS
    declared = {carrier.id for handler in HANDLERS for carrier in handler.carriers}
    assert sorted(declared - {case.channel for case in cases()}) == []


# Mutation -----------------------------------------------------------------------------------------------------------


def mutants() -> Iterator[tuple[str, str, Mutant]]:
    """(format module, carrier, what switches it off)."""
    for module in modules(hostile):
        for carrier, mutant in getattr(module, "MUTANTS", {}).items():
            yield module.__name__.rpartition(".")[2], carrier, mutant


def cases_of(module: str, carrier: str) -> list[Case]:
    found = importlib.import_module(f"{hostile.__name__}.{module}").cases()
    return [case for case in found if case.channel == carrier]


@contextlib.contextmanager
def carrier_passed_through(carrier: str) -> Iterator[None]:
    """No replacement reaches the segments of ``carrier``."""
    plain = writing._plan

    def without(file: Any, tier: Any) -> Plan:
        plan = plain(file, tier)
        of_carrier = {segment.anchor for segment in file.segments if segment.carrier == carrier}
        kept = {anchor: made for anchor, made in plan.replacements.items() if anchor not in of_carrier}
        return Plan(kept, plan.name_out, plan.child_names, plan.children, plan.boxed, plan.tier, plan.pages, plan.memo)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "_plan", without)
        yield


@contextlib.contextmanager
def no_second_look() -> Iterator[None]:
    """Every copy is called clean."""

    def blind(expected: Expected, *_: object) -> Verified:
        return Verified(Verdict.CLEAN, (), {}, (), (), 10_000)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "verify", blind)
        yield


def killed(found: list[Case], mutant: Mutant) -> tuple[bool, bool]:
    """Whether verification blocks a case under the mutant, and whether a reader finds the needle without it."""
    blocked = leaked = False
    with pytest.MonkeyPatch.context() as patch, mutant(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # no errors, as in a worker
        patch.setattr(engine, "Sandbox", OpenCage)
        for case in found:
            blocked = blocked or redacted(case).verdict is Verdict.BLOCKED
            with no_second_look():
                file = redacted(case)
            if case.refused:
                leaked = leaked or file.reasons != (case.refused,)
            elif file.data is not None:
                leaked = leaked or bool(sees(file.name_out, file.data, case.needle))
            if blocked and leaked:
                break
    return blocked, leaked


@pytest.mark.parametrize(("module", "carrier", "mutant"), list(mutants()), ids=lambda value: str(value)[:30])
def test_a_carrier_switched_off_is_noticed(module: str, carrier: str, mutant: Mutant) -> None:
    found = cases_of(module, carrier)
    assert found
    blocked, leaked = killed(found, mutant)
    assert leaked
    assert blocked or all(case.refused for case in found)


REWRITTEN = sorted(
    (module.__name__.rpartition(".")[2], carrier)
    for module in modules(hostile)
    if hasattr(module, "cases")
    for carrier in {case.channel for case in module.cases()} - set(getattr(module, "MUTANTS", {}))
)


@pytest.mark.parametrize(("module", "carrier"), REWRITTEN)
def test_a_carrier_not_rewritten_is_noticed(module: str, carrier: str) -> None:
    found = [case for case in cases_of(module, carrier) if not case.refused]
    assert found, "a carrier that is dropped or refused needs a mutant of its own"
    assert killed(found, lambda: carrier_passed_through(carrier)) == (True, True)


def test_every_carrier_is_switched_off_by_some_test() -> None:
    tested = {carrier for _, carrier, _ in mutants()} | {carrier for _, carrier in REWRITTEN}
    assert sorted({carrier.id for handler in HANDLERS for carrier in handler.carriers} - tested) == []


# Readers ------------------------------------------------------------------------------------------------------------


def one_case_per_type() -> dict[str, Case]:
    found: dict[str, Case] = {}
    for case in cases():
        if not case.refused and case.policy == "standard":
            found.setdefault(case.name.rpartition(".")[2], case)
    return found


@pytest.mark.parametrize("extension", sorted(one_case_per_type()))
def test_a_reader_that_cannot_run_blocks(extension: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case = one_case_per_type()[extension]
    monkeypatch.setattr(engine, "Sandbox", OpenCage)
    plain = Sandbox.read
    monkeypatch.setattr(OpenCage, "read", lambda self, *args: [*plain(self, *args)[:-1], None])
    file = redacted(case)
    assert (file.verdict, file.reasons) == (Verdict.BLOCKED, ("reader-unavailable",))


def test_refusals_are_carriers_too() -> None:
    refused = defaultdict(set)
    for handler in HANDLERS:
        for carrier in handler.carriers:
            if carrier.action is Action.REFUSE:
                refused[carrier.id].add(handler.media_types[0])
    with_case = {case.channel for case in cases() if case.refused}
    assert sorted(set(refused) - with_case) == []
    assert all(readers_for(handler.media_types[0]) for handler in HANDLERS)
