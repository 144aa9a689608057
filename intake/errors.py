"""What can go wrong in intake: each error has a stable code and a sentence fit to show to a person."""

from __future__ import annotations


class IntakeError(Exception):
    """The base of every error here. ``code`` never changes; ``sentence`` may be shown; neither holds contents."""

    code = "intake"
    sentence = "Something went wrong. Try again, or ask for help with the reference of this page."

    def __init__(self, sentence: str | None = None) -> None:
        if sentence is not None:
            self.sentence = sentence
        super().__init__(f"{self.code}: {self.sentence}")


class MoveNotAllowedError(IntakeError):
    """The table of moves has no such pair."""

    code = "move_not_allowed"

    def __init__(self, event: str, state: str) -> None:
        self.event, self.state = event, state
        super().__init__("This cannot be done any more: the submission has moved on. Open it again to see where it is.")


class LostRaceError(IntakeError):
    """Someone else moved the row first: the guarded UPDATE changed nothing."""

    code = "lost_race"
    sentence = "Someone else was faster. Open the page again to see what changed."


class LostLeaseError(IntakeError):
    """The lease ran out or was taken over: the fencing number is no longer ours."""

    code = "lost_lease"
    sentence = "Your claim on this ran out. Claim it again to go on."


class OnHoldError(IntakeError):
    """A hold stands on the submission."""

    code = "on_hold"
    sentence = "This submission is on hold while a privacy officer looks at it."


class GuardError(IntakeError):
    """A move exists, but one of its conditions is not met. The code names the condition."""

    code = "guard"

    def __init__(self, code: str, sentence: str) -> None:
        self.code = code
        super().__init__(sentence)


class FileRefusedError(IntakeError):
    """A file cannot be taken. ``code`` is one of the codes of ``filetypes.SENTENCES``."""

    def __init__(self, code: str, sentence: str) -> None:
        self.code = code
        super().__init__(sentence)


class NotAllowedError(IntakeError):
    """The person may not do this: own work, missing permission, same person twice."""

    code = "not_allowed"
    sentence = "You may not decide on this."

    def __init__(self, code: str, sentence: str) -> None:
        self.code = code
        super().__init__(sentence)


class StorageConflictError(IntakeError):
    """A create-only key already holds other bytes."""

    code = "storage_conflict"
    sentence = "The store already holds something else under this key."


class ErasureIncompleteError(IntakeError):
    """A copy that should be gone is still listed, so no certificate may say that it is."""

    code = "erasure_incomplete"
    sentence = "A copy is still there. Deleting it is tried again."


class LedgerBrokenError(IntakeError):
    """The log in the database and its copy do not hold one history, or a row of it is not what was signed."""

    code = "ledger_broken"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__("The log and its copy disagree. Keep both as they are and compare them: docs/operations.md.")


class StorageUnavailableError(IntakeError):
    """The store did not answer, or answered with an error."""

    code = "storage_unavailable"
    sentence = "The file store does not answer. Nothing is lost; try again in a minute."


class DecryptionError(IntakeError):
    """A chunk does not authenticate: wrong key, wrong place, or changed bytes."""

    code = "decryption"
    sentence = "The stored file cannot be read back as it was sent."


class GateClosedError(IntakeError):
    """A gate (seal, release, batch) found something that does not hold."""

    def __init__(self, code: str, sentence: str) -> None:
        self.code = code
        super().__init__(sentence)


class ItemRefusedError(GateClosedError):
    """Gate C found one file of a batch that may not go. ``artifact_id`` names it; ids only."""

    def __init__(self, code: str, sentence: str, artifact_id: object) -> None:
        self.artifact_id = artifact_id
        super().__init__(code, sentence)
