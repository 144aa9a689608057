"""What a contributor does, from the invitation to the withdrawal: one function per deed.

``drafting`` fills the draft, ``checking`` looks at the redacted copies, ``signing`` gives and takes back consent.
Each takes the person who acts; ownership is the caller's gate, the state is checked here.
"""

from __future__ import annotations

from intake.services.contribute.checking import (
    Preview,
    RemovedEntity,
    acknowledge,
    exclude,
    hide,
    include,
    keep,
    latest_run,
    make_copy,
    names,
    open_file,
    pending_edits,
    preview,
    removed,
    undo_edit,
)
from intake.services.contribute.drafting import (
    Missing,
    Receiving,
    attest,
    begin_artifact,
    decline,
    describe,
    missing,
    open_submission,
    remove_artifact,
    set_basis,
    set_role,
    submit,
)
from intake.services.contribute.signing import (
    TimelineEvent,
    prepare_signing,
    reply,
    sign,
    sign_blockers,
    start_again,
    timeline,
    withdraw,
)

__all__ = [
    "Missing",
    "Preview",
    "Receiving",
    "RemovedEntity",
    "TimelineEvent",
    "acknowledge",
    "attest",
    "begin_artifact",
    "decline",
    "describe",
    "exclude",
    "hide",
    "include",
    "keep",
    "latest_run",
    "make_copy",
    "missing",
    "names",
    "open_file",
    "open_submission",
    "pending_edits",
    "prepare_signing",
    "preview",
    "remove_artifact",
    "removed",
    "reply",
    "set_basis",
    "set_role",
    "sign",
    "sign_blockers",
    "start_again",
    "submit",
    "timeline",
    "undo_edit",
    "withdraw",
]
