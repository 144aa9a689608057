"""Policies: what happens to each kind of identifier. One TOML file each, versioned, named by the SHA-256 of its bytes.

Unknown keys are errors: a misspelt switch must never weaken a policy in silence.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from redaction.errors import PolicyError
from redaction.limits import Switches

FOLDER: Final = Path(__file__).parent / "policies"
SCHEMA: Final = 1
OPERATORS: Final = frozenset({"pseudonym", "drop", "generalize", "date_shift", "keep"})
TOKEN: Final = "token"  # noqa: S105  # a mode, no secret
SURROGATE: Final = "surrogate"

FAST: Final = "fast"
FULL: Final = "full"
PROFILES: Final = (FAST, FULL)
LOWEST: Final = 0.05  # what the partner is less sure of than this, it does not even hand on
# Countries whose own numbers have recognizers: those are named by the country, such as us_ssn.
COUNTRIES: Final = frozenset(
    {"au", "ca", "de", "es", "fi", "in", "it", "kr", "ng", "pl", "se", "sg", "th", "tr", "uk", "us"}
)

# Section → key → type. A whole number is accepted where a fraction is expected, not the other way round.
_KEYS: Final[Mapping[str, Mapping[str, type]]] = {
    "engine": {"profile": str, "model": str, "chunk_chars": int, "deadline_s_per_100k": float},
    "thresholds": {"default": float, "partner": float, "verify": float, "suspicious_per_1k": float},
    "recognizers": {"countries": list, "off": list},
    "verification": {"fidelity_floor_bp": int, "small_zones_bp": int, "every_page": bool},
    "carriers": {"comments": bool, "hidden": bool, "notes": bool, "form_values": bool, "outputs": bool},
}
_TOP: Final = frozenset({"schema", "name", "version", "mode", "entities", "context", *_KEYS})


@dataclass(frozen=True)
class Treatment:
    """What happens to one entity type: which operator, from which score on, and whether a person is to look."""

    operator: str
    floor: float
    ask: bool = False


@dataclass(frozen=True)
class Context:
    """Words near a finding that lift it; with ``required`` it is none without one of them."""

    words: frozenset[str]
    required: bool = False


@dataclass(frozen=True)
class Policy:
    """One policy. ``sha256`` is of the bytes of its file; ``version`` is for people.

    ``mode``: what a pseudonym is, a token or a surrogate. ``profile``: ``full`` searches with the partner too.
    ``model``: a name in ``weights.toml``. ``off``: recognizers whose findings do not count. ``suspicious_per_1k``: more
    signs that nobody sees, or that only look like letters, in 1,000 characters ask a person. ``context``: by entity
    type, in place of the rules of ``context.RULES``.
    """

    name: str
    version: str
    sha256: str
    chunk_chars: int
    deadline_s_per_100k: float
    floor: float
    verify_floor: float
    fidelity_floor_bp: int
    treatments: Mapping[str, Treatment]
    switches: Switches
    mode: str = TOKEN
    profile: str = FAST
    model: str = "en_core_web_md"
    partner_floor: float = 0.30
    suspicious_per_1k: float = 4.0
    countries: frozenset[str] = COUNTRIES
    off: frozenset[str] = frozenset()
    context: Mapping[str, Context] = field(default_factory=dict)

    def uses(self, source: str) -> bool:
        """Whether findings of the recognizer ``source`` count: it is not off, and its country, if any, is ours."""
        country = source.partition("_")[0]
        return source not in self.off and (country not in COUNTRIES or country in self.countries)

    def treatment(self, entity_type: str) -> Treatment:
        """The treatment of ``entity_type``; types the policy does not name get its default."""
        return self.treatments.get(entity_type, self.treatments["DEFAULT"])


def names() -> tuple[str, ...]:
    """The policies that are shipped, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def load(name: str) -> Policy:
    """Load the shipped policy ``name``.

    Raises:
        PolicyError: there is no such policy, or its file is malformed or holds an unknown key.
    """
    if name not in names():
        raise PolicyError(detail="no such policy")
    return parse((FOLDER / f"{name}.toml").read_bytes())


def parse(source: bytes) -> Policy:
    """Read a policy from the bytes of its file.

    Raises:
        PolicyError: malformed TOML, an unknown or missing key, a value out of range.
    """
    try:
        value = tomllib.loads(source.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError(detail="not TOML in UTF-8") from error
    _only(value, _TOP, "policy")
    if value.get("schema") != SCHEMA:
        raise PolicyError(detail="unknown schema")
    engine, thresholds, recognizers, verification, carriers = (_section(value, key) for key in _KEYS)
    floor = _fraction(thresholds["default"])
    return Policy(
        name=_text(value, "name"),
        version=_text(value, "version"),
        sha256=hashlib.sha256(source).hexdigest(),
        chunk_chars=_within(engine["chunk_chars"], 200, 10_000),
        deadline_s_per_100k=float(engine["deadline_s_per_100k"]),
        floor=floor,
        verify_floor=_fraction(thresholds["verify"]),
        fidelity_floor_bp=_within(verification["fidelity_floor_bp"], 0, 10_000),
        treatments=_treatments(value.get("entities"), floor),
        switches=Switches(
            small_zones_bp=_within(verification["small_zones_bp"], 0, 10_000),
            every_page=verification["every_page"],
            **carriers,
        ),
        mode=_mode(value),
        profile=_profile(engine["profile"]),
        model=_text(engine, "model"),
        partner_floor=_partner_floor(thresholds["partner"]),
        suspicious_per_1k=_density(thresholds["suspicious_per_1k"]),
        countries=_countries(recognizers["countries"]),
        off=_words(recognizers["off"]),
        context=_context(value.get("context", {})),
    )


def _mode(value: Mapping[str, Any]) -> str:
    mode = value.get("mode", TOKEN)
    if mode not in (TOKEN, SURROGATE):
        raise PolicyError(detail="mode is neither token nor surrogate")
    return str(mode)


def _profile(profile: str) -> str:
    if profile not in PROFILES:
        raise PolicyError(detail="profile is neither fast nor full")
    return profile


def _partner_floor(value: object) -> float:
    """The floor of the partner. It hands on nothing that it is hardly sure of, so no floor may lie below that."""
    floor = _fraction(value)
    if floor < LOWEST:
        raise PolicyError(detail=f"thresholds.partner is at least {LOWEST}")
    return floor


def _density(value: float) -> float:
    if not 0 <= value <= 1000:
        raise PolicyError(detail="thresholds.suspicious_per_1k lies between 0 and 1000")
    return float(value)


def _countries(value: list[object]) -> frozenset[str]:
    countries = _words(value)
    if not countries <= COUNTRIES:
        raise PolicyError(detail="recognizers.countries names one that nobody knows")
    return countries


def _words(value: list[object]) -> frozenset[str]:
    if not all(isinstance(one, str) and one for one in value):
        raise PolicyError(detail="a list holds something that is no word")
    return frozenset(map(str, value))


def _section(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = value.get(name)
    if not isinstance(section, dict):
        raise PolicyError(detail=f"section {name} is missing")
    expected = _KEYS[name]
    _only(section, frozenset(expected), name)
    for key, kind in expected.items():
        accepted = (int, float) if kind is float else (kind,)
        if isinstance(section.get(key), bool) != (kind is bool) or not isinstance(section.get(key), accepted):
            raise PolicyError(detail=f"{name}.{key} is missing or of the wrong type")
    return section


def _treatments(value: object, floor: float) -> Mapping[str, Treatment]:
    if not isinstance(value, dict) or "DEFAULT" not in value:
        raise PolicyError(detail="entities.DEFAULT is missing")
    return {entity_type: _treatment(entity_type, entry, floor) for entity_type, entry in value.items()}


def _treatment(entity_type: str, entry: object, floor: float) -> Treatment:
    if not isinstance(entry, dict):
        raise PolicyError(detail=f"entities.{entity_type} is not a table")
    _only(entry, frozenset({"operator", "floor", "ask"}), f"entities.{entity_type}")
    ask = entry.get("ask", False)
    if not isinstance(ask, bool):
        raise PolicyError(detail=f"entities.{entity_type}.ask is neither true nor false")
    if entry.get("operator") not in OPERATORS:
        raise PolicyError(detail=f"entities.{entity_type} names no known operator")
    return Treatment(entry["operator"], _fraction(entry.get("floor", floor)), ask)


def _context(value: object) -> Mapping[str, Context]:
    if not isinstance(value, dict):
        raise PolicyError(detail="context is not a table")
    rules: dict[str, Context] = {}
    for entity_type, entry in value.items():
        if not isinstance(entry, dict):
            raise PolicyError(detail=f"context.{entity_type} is not a table")
        _only(entry, frozenset({"words", "required"}), f"context.{entity_type}")
        near, required = entry.get("words"), entry.get("required", False)
        if not isinstance(near, list) or not near or not isinstance(required, bool):
            raise PolicyError(detail=f"context.{entity_type} has no words, or required is neither true nor false")
        rules[entity_type] = Context(frozenset(word.casefold() for word in _words(near)), required)
    return rules


def _only(value: Mapping[str, Any], allowed: frozenset[str], where: str) -> None:
    unknown = sorted(set(value) - allowed)
    if unknown:
        raise PolicyError(detail=f"{where}: unknown key {unknown[0]}")


def _text(value: Mapping[str, Any], key: str) -> str:
    if not isinstance(value.get(key), str) or not value[key]:
        raise PolicyError(detail=f"{key} is missing")
    return str(value[key])


def _fraction(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise PolicyError(detail="a threshold lies between 0 and 1")
    return float(value)


def _within(value: int, low: int, high: int) -> int:
    if not low <= value <= high:
        raise PolicyError(detail=f"a number lies between {low} and {high}")
    return value
