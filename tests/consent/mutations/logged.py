"""Lies about the log: checkpoints, their signatures and times, and the proofs that a statement stands in it."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace

from consent import log
from tests.consent.making import RELEASED, SEALED, SIGNED, Made, checkpoint, made
from tests.consent.mutations.edits import Mutation, after, all_of, flipped, key_entry


def proof_text(name: str, change: Callable[[str], str]) -> Mutation:
    """Change the text of one proof in the finished bundle."""
    return after(lambda data: data["log"][name].update(proof=change(data["log"][name]["proof"])))


def line(number: int, change: Callable[[str], str], name: str = "seal") -> Mutation:
    """Change one line of the proof: 0 mark, 1 extra, 2 index, 3… hashes; -2 the log's signature, -1 the cosigner's."""

    def edit(text: str) -> str:
        lines = text[:-1].split("\n")
        lines[number] = change(lines[number])
        return "\n".join(lines) + "\n"

    return proof_text(name, edit)


def word(change: Callable[[str], str]) -> Callable[[str], str]:
    """Change the last word of a line."""
    return lambda text: " ".join([*text.split(" ")[:-1], change(text.split(" ")[-1])])


def other_checkpoint(**changes: object) -> Mutation:
    """Put a checkpoint in the place of the seal's, signed by the log like any other."""

    def mutate(parts: Made) -> None:
        def edit(text: str) -> str:
            head, _ = log.split_proof(text)
            said: dict[str, object] = {"size": 6, "top": b"t" * 32, "at": SEALED} | changes
            return head + "\n\n" + checkpoint(parts, **said)  # type: ignore[arg-type]  # what the table says

        proof_text("seal", edit)(parts)

    return mutate


def forged(parts: Made) -> None:
    """A whole log of our own making, by keys that the keyset does not name but whose numbers it does."""
    stranger = made()
    parts.log_key = stranger.log_key


def cosigner_of_another(parts: Made) -> None:
    parts.cosigner = made().cosigner


def later_time(encoded: str) -> str:
    data = bytearray(base64.b64decode(encoded))
    data[11] ^= 1  # the last byte of the time, after four of the key's number
    return base64.b64encode(bytes(data)).decode()


def without_cosignature(text: str) -> str:
    return "\n".join(text[:-1].split("\n")[:-1]) + "\n"


def without_log_signature(text: str) -> str:
    lines = text[:-1].split("\n")
    return "\n".join([*lines[:-2], lines[-1]]) + "\n"


def one_key_for_two(parts: Made) -> None:
    """A keyset whose cosigner is the log itself."""
    parts.keyset["log"]["cosigners"][0]["spki"] = parts.keyset["log"]["spki"]


def cosigner_on_another_curve(parts: Made) -> None:
    parts.keyset["log"]["cosigners"][0]["spki"] = parts.keyset["keys"][0]["spki"]


def seen(**moments: dt.datetime) -> Mutation:
    return lambda parts: parts.seen_at.update(moments)


def two_lines(text: str) -> str:
    head, note = log.split_proof(text)
    return "\n".join(head.split("\n")[:2]) + "\n\n" + note


def cosigner_twice(parts: Made) -> None:
    """A keyset that lists one cosigner under one name twice: the second would take the first one's place."""
    parts.keyset["log"]["cosigners"].append(parts.keyset["log"]["cosigners"][0])


MUTATIONS: dict[str, tuple[Mutation, str]] = {
    "a hash of the proof flipped": (line(3, flipped), "log_inclusion"),
    "the index moved": (line(2, lambda _: "index 4"), "log_inclusion"),
    "another salt": (line(1, word(flipped)), "log_inclusion"),
    "the proof of the consent under the seal": (
        after(lambda d: d["log"]["seal"].update(proof=d["log"]["consent"]["proof"])),
        "log_inclusion",
    ),
    "a tree that somebody else's leaves fill": (other_checkpoint(), "log_inclusion"),
    "a proof cut short": (
        proof_text("seal", lambda text: "\n".join([*text.split("\n")[:3], *text.split("\n")[4:]])),
        "log_proof",
    ),
    "a proof with a hash too many": (line(3, lambda text: text + "\n" + text), "log_proof"),
    "an index beyond the tree": (line(2, lambda _: "index 6"), "log_proof"),
    "an index with a leading zero": (line(2, lambda _: "index 05"), "log_proof"),
    "a hash of 31 bytes": (line(3, lambda _: base64.b64encode(b"h" * 31).decode()), "log_proof"),
    "a salt of 16 bytes": (line(1, lambda _: "extra " + base64.b64encode(b"s" * 16).decode()), "log_proof"),
    "a proof in another format": (line(0, lambda _: "c2sp.org/tlog-proof@v2"), "log_proof"),
    "a salt under another name": (line(1, lambda text: text.replace("extra", "salt")), "log_proof"),
    "an index without its name": (line(2, lambda text: text.removeprefix("index ")), "log_proof"),
    "a proof without an index": (proof_text("seal", lambda text: text.replace("\nindex 5\n", "\n", 1)), "log_proof"),
    "a proof of two lines and a checkpoint": (proof_text("seal", two_lines), "log_proof"),
    "a signature line without its dash": (line(-2, lambda text: text.removeprefix("\u2014 ")), "checkpoint"),
    "a signature line without a signature": (line(-2, lambda text: text.rpartition(" ")[0]), "checkpoint"),
    "a signature of 63 bytes": (
        line(-2, word(lambda text: base64.b64encode(base64.b64decode(text)[:-1]).decode())),
        "checkpoint_sig",
    ),
    "a checkpoint with other line ends": (
        proof_text("seal", lambda text: text.replace("/log\n6\n", "/log\r\n6\r\n", 1)),
        "checkpoint",
    ),
    "a proof of two lines": (proof_text("seal", lambda text: "\n".join(text.split("\n")[:2]) + "\n\n"), "checkpoint"),
    "a proof without a checkpoint": (proof_text("seal", lambda text: text.split("\n\n")[0]), "log_proof"),
    "a checkpoint forged": (forged, "checkpoint"),
    "the signature of a checkpoint flipped": (
        line(-2, word(lambda text: text[:8] + flipped(text[8:]))),
        "checkpoint_sig",
    ),
    "the size of a checkpoint edited": (
        proof_text("seal", lambda text: text.replace("/log\n6\n", "/log\n7\n", 1)),
        "checkpoint_sig",
    ),
    "a checkpoint of another log": (
        proof_text("seal", lambda text: text.replace("vouchsafe.example/log\n", "other.example/log\n", 1)),
        "checkpoint",
    ),
    "a checkpoint signed under another origin": (other_checkpoint(origin="other.example/log"), "checkpoint"),
    "a checkpoint whose size is no number": (
        proof_text("seal", lambda text: text.replace("/log\n6\n", "/log\nsix\n", 1)),
        "checkpoint",
    ),
    "a checkpoint with a root of 20 bytes": (other_checkpoint(top=b"t" * 20), "checkpoint"),
    "a checkpoint with an extension line": (
        proof_text("seal", lambda text: text.replace("\n\n\u2014", "\nextension\n\n\u2014", 1)),
        "checkpoint",
    ),
    "a checkpoint with a line by somebody unknown": (
        proof_text("seal", lambda text: text + "\u2014 witness.example " + "A" * 92 + "\n"),
        "checkpoint",
    ),
    "a checkpoint signed twice by one cosigner": (
        proof_text("seal", lambda text: text + text[:-1].split("\n")[-1] + "\n"),
        "checkpoint",
    ),
    "a checkpoint with a line that is no signature": (proof_text("seal", lambda text: text + "hello\n"), "checkpoint"),
    "a checkpoint without its last line end": (proof_text("seal", lambda text: text[:-1]), "checkpoint"),
    "a checkpoint that the log did not sign": (proof_text("seal", without_log_signature), "checkpoint_sig"),
    "the time of a cosignature edited": (line(-1, word(later_time)), "checkpoint_sig"),
    "a cosignature from after the year 9999": (
        other_checkpoint(at=SimpleNamespace(timestamp=lambda: 253402300800)),
        "checkpoint",
    ),
    "a cosigner that nobody listed": (cosigner_of_another, "checkpoint"),
    "a checkpoint that nobody says the time of": (proof_text("release", without_cosignature), "time_untrusted"),
    "a cosigner with the log's own key": (one_key_for_two, "keyset"),
    "a cosigner listed twice": (cosigner_twice, "keyset"),
    "a cosigner whose key is of another kind": (cosigner_on_another_curve, "key_type"),
    "a stolen key and a statement of an earlier date": (
        # The seal says that it was made while the key was good; the log saw it after the key was revoked.
        all_of(
            key_entry("seal", revoked_at="2026-11-20T12:00:00Z"),
            seen(seal=RELEASED),
        ),
        "signature",
    ),
    "a seal from after it was seen": (seen(consent=SIGNED - dt.timedelta(hours=1), seal=SIGNED), "time_order"),
    "a seal seen before the consent": (seen(consent=SEALED, seal=SEALED - dt.timedelta(minutes=1)), "time_order"),
    "a consent signed long after it was seen": (seen(consent=SIGNED - dt.timedelta(minutes=6)), "time_order"),
    "a log seen in the future": (seen(release=RELEASED + dt.timedelta(days=400)), "time_order"),
}
