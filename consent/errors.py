"""What can go wrong in consent: each error has a stable code and one plain sentence fit to show to a person."""

from __future__ import annotations

# The verifier's codes. A code never changes its meaning; the sentence may get better.
SENTENCES: dict[str, str] = {
    "too_large": "The bundle is larger than a bundle can be.",
    "json": "The bundle, or a document in it, is not JSON in UTF-8.",
    "dup_key": "A JSON object names the same key twice, so two readers could read two things.",
    "number": "A number is not a whole number between -2^53 and 2^53.",
    "bundle_schema": "The bundle does not have the form of a consent bundle.",
    "not_canonical": "The bytes are not in canonical form (RFC 8785), so somebody rewrote them.",
    "encoding": "A base64 value is not in its one canonical spelling.",
    "signature": "A signature does not hold: the content changed, or the key is unknown, misused or out of its time.",
    "keyset": "The list of keys does not belong to the root that you trust.",
    "keyset_expired": "The list of keys is past its date. Ask for a newer bundle.",
    "key_type": "A key is of a kind that is not accepted.",
    "checkpoint": "A checkpoint is not one of this log, or carries a line that nobody knows.",
    "checkpoint_sig": "A signature under a checkpoint of the log does not hold.",
    "time_untrusted": "Nobody whom the list of keys knows says when a signature was made.",
    "payload_type": "A signed envelope says that it carries something other than a statement.",
    "predicate_type": "A signed statement says something other than its place in the bundle needs.",
    "subject": "A signed statement is not about exactly the things it has to be about.",
    "artifact_digest": "This is not the file that was signed.",
    "consent_binding": "The sealed file points to another consent.",
    "record_digest": "The consent record is not the one that was signed.",
    "statement_digest": "The rights or third-party declaration is not the one that was signed.",
    "notice_digest": "The notice is not the one that was shown.",
    "evidence_digest": "The evidence of a signature is not the one that was recorded.",
    "record_schema": "A signed document lacks something, or says something that it may not say.",
    "record_rules": "The parts of a signed document contradict each other.",
    "signature_missing": "The contributor's signature is missing under one of the documents.",
    "webauthn": "A passkey signature was not made on this site, or without checking that it was the person.",
    "webauthn_challenge": "A passkey signature is over something else than this document.",
    "webauthn_signature": "A passkey signature does not hold.",
    "webauthn_credential": "A passkey signature is by another key than the document names.",
    "artifact_not_consented": "The contributor did not agree to share exactly this file.",
    "rights_basis": "Nobody stated the right to share this file.",
    "record_binding": "The seal names another consent record.",
    "not_released": "The file was sealed, but no review has released it yet.",
    "seal_binding": "The release belongs to another sealed file.",
    "review": "The reviews do not allow a release: one is missing, did not approve, or is the contributor's own.",
    "consent_state": "The contributor has not agreed, or has withdrawn.",
    "time_order": "The steps happened in an impossible order.",
    "not_yet": "The contributor can still undo this release.",
    "consent_expired": "The contributor agreed until a date that has passed.",
    "purpose_exceeds_consent": "The release allows more than the contributor agreed to.",
    "purpose_not_permitted": "The contributor did not agree to this purpose.",
    "recipient_not_permitted": "The contributor did not agree to this recipient.",
    "log_proof": "The proof that a statement stands in the log does not have the form of one.",
    "log_inclusion": "A signed statement does not stand in the log where its proof says.",
    "retraction_type": "The retraction file is not a retraction list.",
    "retraction_rollback": "The retraction list is older than this release.",
    "retraction_stale": "The retraction list is past its date. Fetch a newer one.",
    "retracted": "The contributor has taken this file back. Stop using it.",
    "malformed": "The bundle is damaged in a way that no rule describes.",
}

# What else can be wrong with a copy of the log.
LOG_SENTENCES: dict[str, str] = {
    "log_row": "A row of the log, or what it is about, does not have the form of one.",
    "log_missing": "A row of the log is missing.",
    "log_order": "A row of the log is not where it was written, or not when.",
    "log_root": "The rows up to here are not the ones that the log signed.",
    "log_forked": "This log and the checkpoint from earlier do not belong to one history.",
}

EXIT_RETRACTED = frozenset({"retracted"})
EXIT_NOT_FRESH = frozenset({"keyset_expired", "retraction_stale", "retraction_rollback"})


class ConsentError(Exception):
    """The base of every error here. ``code`` never changes; ``sentence`` may be shown; neither holds contents."""

    code = "consent"
    sentence = "Something went wrong with the consent. Nothing was signed."

    def __init__(self, sentence: str | None = None) -> None:
        if sentence is not None:
            self.sentence = sentence
        super().__init__(f"{self.code}: {self.sentence}")


class FormatError(ConsentError):
    """Bytes break a rule of their format. ``code`` is in SENTENCES or LOG_SENTENCES; the verifier adds the step."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(SENTENCES.get(code) or LOG_SENTENCES[code])


class VerificationError(ConsentError):
    """A file and its bundle were refused: by which rule, and at which numbered step of ``bundle.verify``."""

    def __init__(self, code: str, step: int) -> None:
        self.code, self.step = code, step
        super().__init__(SENTENCES[code])

    @property
    def exit_status(self) -> int:
        """1 invalid, 2 retracted, 3 not fresh."""
        if self.code in EXIT_RETRACTED:
            return 2
        return 3 if self.code in EXIT_NOT_FRESH else 1


class KeysMissingError(ConsentError):
    """The folder of signing keys, or one key in it, cannot be read."""

    code = "keys_missing"
    sentence = "The signing keys are missing. Ask the people who run this site."


class NoticeError(ConsentError):
    """A notice does not exist, is not on the list of released ones, or lacks a part."""

    code = "notice"
    sentence = "The notice for this programme cannot be shown, so nothing can be signed."


class ChoiceError(ConsentError):
    """The choices or declarations of the sign page are incomplete or not among the offered ones."""

    code = "choice"
    sentence = "Answer every question on this page with one of its answers."


class ComprehensionError(ConsentError):
    """The questions about the notice were not answered rightly yet, or not since the choices changed."""

    code = "comprehension"
    sentence = "Answer the three questions about your choices first. You can try as often as you like."


class TypedNameError(ConsentError):
    """No name, or far too much of one."""

    code = "typed_name"
    sentence = "Type your full name as your signature."


class CodeWrongError(ConsentError):
    """The code is not the one that was sent. Costs one of five tries."""

    code = "code_wrong"
    sentence = "This is not the code from the e-mail. Check it and try again."


class CodeExpiredError(ConsentError):
    """No live code: used, older than ten minutes, five wrong tries, or the documents changed since."""

    code = "code_expired"
    sentence = "This code no longer works. Ask for a new one."


class PasskeyError(ConsentError):
    """The passkey's answer is not over these documents, not by the named key, or too late."""

    code = "passkey"
    sentence = "Your passkey did not sign this page. Try again, or sign with your name and the code from the mail."


class StateError(ConsentError):
    """The record is not in a state that allows this: nothing given, or already withdrawn."""

    code = "consent_state"
    sentence = "There is no agreement that this could change."


class BindingError(ConsentError):
    """What should be sealed or released is not what the record covers."""

    code = "binding"
    sentence = "This file is not the one that was agreed to, so it stays here."
