"""What a person who checks a bundle reads beside the answer: what each step looked at, and what to do after a refusal.

The page ``/verify/`` and ``docs/consent-bundle.md`` show the same words; the sentence of each code is in ``errors``.
"""

from __future__ import annotations

# By the number of the step, as ``bundle.verify`` counts them.
STEP_TITLES: tuple[str, ...] = (
    "The bundle and the documents in it can be read in one way only",
    "The list of keys belongs to the root that you trust",
    "The log says when each statement was seen",
    "The seal was signed by a key that was good at that time",
    "The seal is about exactly this file",
    "The consent, the documents, the notice and the signatures belong together",
    "The record is complete and does not contradict itself",
    "The contributor signed each document",
    "The record names this file, and somebody stated the right to share it",
    "Reviews by other people released the file",
    "The consent is in force, and covers what you asked for",
    "Each statement stands in the public log",
    "Nobody has taken the file back",
)

_AS_IT_CAME = (
    "Choose the .consent.json that came with the file, as it came: opening and saving it makes another file of it. "
    "If this is it, get it again from whoever sent it."
)
_DO_NOT_USE = "Do not use the file. Get it and its bundle again; if the answer stays, tell whoever sent them."
_ASK_THE_SENDER = "Do not use the file. Send this answer to whoever sent you the file: the fault is on their side."
_FETCH_LIST = "Get the newest retraction list from where the sender publishes it, and check again."

NEXT_STEPS: dict[str, str] = {
    "too_large": _AS_IT_CAME,
    "json": _AS_IT_CAME,
    "dup_key": _AS_IT_CAME,
    "number": _AS_IT_CAME,
    "bundle_schema": _AS_IT_CAME,
    "not_canonical": _AS_IT_CAME,
    "encoding": _AS_IT_CAME,
    "signature": _DO_NOT_USE,
    "keyset": "Compare the fingerprint with one from another source. If it is right, do not use the file.",
    "keyset_expired": "Ask for the bundle again, or add the newest retraction list: it brings the newest list of keys.",
    "key_type": _ASK_THE_SENDER,
    "checkpoint": _DO_NOT_USE,
    "checkpoint_sig": _DO_NOT_USE,
    "time_untrusted": _ASK_THE_SENDER,
    "payload_type": _DO_NOT_USE,
    "predicate_type": _DO_NOT_USE,
    "subject": _ASK_THE_SENDER,
    "artifact_digest": (
        "Choose the file that belongs to this bundle, as it came: a file that was opened and saved is another file. "
        "If this is it, do not use it."
    ),
    "consent_binding": _DO_NOT_USE,
    "record_digest": _DO_NOT_USE,
    "statement_digest": _DO_NOT_USE,
    "notice_digest": _DO_NOT_USE,
    "evidence_digest": _DO_NOT_USE,
    "record_schema": _ASK_THE_SENDER,
    "record_rules": _ASK_THE_SENDER,
    "signature_missing": _ASK_THE_SENDER,
    "webauthn": _ASK_THE_SENDER,
    "webauthn_challenge": _ASK_THE_SENDER,
    "webauthn_signature": _ASK_THE_SENDER,
    "webauthn_credential": _ASK_THE_SENDER,
    "artifact_not_consented": _ASK_THE_SENDER,
    "rights_basis": _ASK_THE_SENDER,
    "record_binding": _ASK_THE_SENDER,
    "not_released": "Wait for the released bundle. To see what was agreed so far, leave purpose and recipient empty.",
    "seal_binding": _DO_NOT_USE,
    "review": _ASK_THE_SENDER,
    "consent_state": "Do not use the file.",
    "time_order": _ASK_THE_SENDER,
    "not_yet": "Wait some days and check again. Until then do not use the file.",
    "consent_expired": "Stop using the file. Ask whoever sent it whether the contributor has agreed anew.",
    "purpose_exceeds_consent": _ASK_THE_SENDER,
    "purpose_not_permitted": "Do not use the file for this. Leave the purpose empty to see what was agreed.",
    "recipient_not_permitted": "Do not give the file to them. Leave the recipient empty to see what was agreed.",
    "log_proof": _DO_NOT_USE,
    "log_inclusion": _DO_NOT_USE,
    "retraction_type": "Choose the retraction list as it was published, or leave that field empty.",
    "retraction_rollback": _FETCH_LIST,
    "retraction_stale": _FETCH_LIST,
    "retracted": "Stop using the file, delete your copies, and tell whoever got it from you.",
    "malformed": _AS_IT_CAME,
}
