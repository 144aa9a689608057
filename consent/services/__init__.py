"""What people do with consent, and what workers issue for it: the door through which intake comes in.

A contributor prepares, gives and withdraws; a worker seals and releases. Everything signed is also a row that the
database refuses to change, so repeating a call reads the first answer back instead of signing twice.
"""

from __future__ import annotations

from consent.documents import Documents, FileRef, Terms
from consent.errors import ConsentError
from consent.services.agreement import (
    attest,
    begin_passkey,
    give,
    give_by_passkey,
    prepare,
    receipt_id,
    withdraw,
)
from consent.services.codes import new_code
from consent.services.comprehension import answer, quiz, understood
from consent.services.evidence import open_evidence
from consent.services.grants import is_given, live_grants, parsed, signed_bases, signed_digests
from consent.services.history import last_published, published_rows, unpublished_rows
from consent.services.installation import (
    keyset,
    principal,
    relying_party,
    reviewer_pseudonym,
    signing_keys,
    trust_fingerprint,
)
from consent.services.notices import (
    changes_since,
    declarations,
    find_notice,
    is_newer,
    languages,
    notice_html,
    older_notices,
    purposes,
    reading,
    twins,
)
from consent.services.renewal import carry_over
from consent.services.statements import (
    certify_erasure,
    erasure_certificates,
    issue_bundle,
    release,
    released_bundle,
    sign_statement,
)

__all__ = [
    "ConsentError",
    "Documents",
    "FileRef",
    "Terms",
    "answer",
    "attest",
    "begin_passkey",
    "carry_over",
    "certify_erasure",
    "changes_since",
    "declarations",
    "erasure_certificates",
    "find_notice",
    "give",
    "give_by_passkey",
    "is_given",
    "is_newer",
    "issue_bundle",
    "keyset",
    "languages",
    "last_published",
    "live_grants",
    "new_code",
    "notice_html",
    "older_notices",
    "open_evidence",
    "parsed",
    "prepare",
    "principal",
    "published_rows",
    "purposes",
    "quiz",
    "reading",
    "receipt_id",
    "release",
    "released_bundle",
    "relying_party",
    "reviewer_pseudonym",
    "sign_statement",
    "signed_bases",
    "signed_digests",
    "signing_keys",
    "trust_fingerprint",
    "twins",
    "understood",
    "unpublished_rows",
    "withdraw",
]
