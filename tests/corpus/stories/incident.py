"""An outage explained: a review without blame, and the log of the night."""

from __future__ import annotations

from tests.corpus.cast import Casting
from tests.corpus.sample import SampleFile, SampleSubmission
from tests.corpus.script import Script
from tests.corpus.writers import Plain

REQUEST = """Please write the review of last night's outage of the booking service. {lead.full} was on call, \
{dba.full} fixed the disk. Take the timeline from the log, explain the cause so that somebody outside our team \
understands it, and end with at most five actions, each with an owner.
"""

REVIEW = """# Review: booking service unavailable for 94 minutes

Written by {me.full} for {customer.full}. No blame, only causes.

## What people noticed

From 02:10 the booking page answered with an error. Orders that were already in the basket were kept; nobody was charged
twice. {manager.full} of {customer.short} reported it first, by phone from {manager.phone}.

## What happened

1. The nightly cleanup on {host1} ({ip1}) did not run, because its lock file was left over from the evening release.
2. The log volume filled up. The database on {host2} ({ip2}) stopped accepting writes, as it should.
3. The alarm went to an address that nobody reads at night. {lead.full} was called at 03:05 and opened {ticket1}.
4. {dba.full} moved two old archives to cold storage; writes resumed at 03:44.

## Why the alarm was late

The rota still pointed to a colleague who changed teams in January. The page at {wiki} was right,
the alarm was not: the two are edited by hand, in different places.

## Actions

| Action | Owner | Ticket |
|---|---|---|
| Cleanup refuses to start on a lock older than an hour, and says so | {dba.full} | {ticket2} |
| Rota and alarm read the same source | {lead.full} | {ticket3} |
| Warn at 70 percent of the log volume, page at 85 percent | {me.full} | {ticket4} |

Thanks to {lead.surname} and {dba.surname}, who both came in without being asked. Questions: {me.email}.
"""


def incident(seed: int) -> SampleSubmission:
    """An engineer reviews an outage."""
    draw = Casting(seed)
    ours, customer = draw.company("da_DK", "Digital", "GmbH"), draw.company("sv_SE", "Hotels", "Ltd")
    cast: dict[str, object] = {
        "ours": ours,
        "customer": customer,
        "me": draw.man("es_ES", ours),
        "lead": draw.woman("fr_FR", ours),
        "dba": draw.man("da_DK", ours),
        "manager": draw.man("it_IT", customer),
        "host1": draw.host("batch-02"),
        "host2": draw.host("db-primary"),
        "ip1": draw.ip(),
        "ip2": draw.ip(),
        "wiki": draw.link("rota"),
        **{f"ticket{number}": draw.ticket() for number in range(1, 5)},
    }
    return SampleSubmission(
        title="Review of an outage",
        occupation="Network and Computer Systems Administrators",
        sector="Information",
        provenance_class="authentic",
        basis="self_owned",
        task_request=Script(cast).sample_text(REQUEST, ("at most five actions", "Take the timeline from the log")),
        files=(_review(cast), _log(cast)),
    )


def _review(cast: dict[str, object]) -> SampleFile:
    return Plain(cast, "Outage review.md").note(
        REVIEW,
        "deliverable",
        (
            "Orders that were already in the basket were kept",
            "Rota and alarm read the same source",
            "its lock file was left over from the evening release",
        ),
    )


def _log(cast: dict[str, object]) -> SampleFile:
    rows = (
        ("Time", "Host", "Address", "Reported by", "Event", "Ticket"),
        ("02:10", "{host2}", "{ip2}", "monitoring", "Writes refused, volume full", ""),
        ("02:31", "", "", "{manager.full}", "Customer reports errors on the booking page", "{ticket1}"),
        ("03:05", "{host2}", "{ip2}", "{lead.full}", "On-call engineer takes over", "{ticket1}"),
        ("03:22", "{host1}", "{ip1}", "{dba.full}", "Stale lock file found", "{ticket1}"),
        ("03:44", "{host2}", "{ip2}", "{dba.full}", "Two archives moved, writes resume", "{ticket1}"),
    )
    return Plain(cast, "night_log.csv").table(
        rows, "reference", ("Writes refused, volume full", "Stale lock file found", "On-call engineer takes over")
    )
