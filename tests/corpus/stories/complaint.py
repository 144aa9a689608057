"""A complaint answered: a customer's mail and the reply that settles it."""

from __future__ import annotations

from tests.corpus.cast import Casting
from tests.corpus.sample import SampleFile, SampleSubmission
from tests.corpus.script import Script
from tests.corpus.writers import Mail, Plain

REQUEST = """A long-standing customer is upset about a damaged delivery and a wrong invoice. Read the mail from \
{buyer.full} ({customer.full}), find out what went wrong, and write a reply that I can send today. Keep it \
short, admit our part, and say exactly what happens next. {me.given} has the delivery papers.
"""

BODY = """Dear {support.given},

this is the second time this quarter that a pallet of tiles reached us with broken
corners, and the second time that nobody answered the phone. Our site manager
{manager.full} photographed the load before it was signed for.

To make it worse, invoice number {invoice} charges us for the full quantity. Please
correct it before the payment run, or our bank will collect the amount from
{iban}. My direct line is {buyer.phone}; {manager.surname} is on {manager.phone}.

We have bought from you for eleven years and would like to go on doing so.

Yours sincerely,
{buyer.full}
Head of Purchasing
{customer.full}
{address}
{buyer.email}

On Mon, 9 Mar 2026 at 08:12, {support.full} <{support.email}> wrote:
> Dear Ms {buyer.surname},
> your order left our depot on Friday under ticket {ticket}. The driver is {driver.full}.
> Best wishes
> {support.given}
"""

REPLY = """# Draft reply to {buyer.full}

Dear Ms {buyer.surname},

you are right, and I am sorry. The pallet was loaded without edge protection, and our hotline was closed for training
without an announcement. Neither should have happened.

What we do now:

- A replacement for the broken tiles leaves tomorrow morning. {driver.full} will call {manager.full} on
  {manager.phone} half an hour before he arrives.
- Invoice number {invoice} is cancelled. The corrected one follows today and charges only what arrived intact.
- Nothing will be collected from {iban} until you have confirmed the new amount.

From this week every pallet of tiles is strapped with corner boards, and the loading sheet has a box for it that must be
ticked before the truck is released.

If anything else is wrong, please call me directly: {me.phone}, or write to {me.email}.

Kind regards,
{me.full}
{ours.full}

---

Note for the file: ticket {ticket} stays open until {buyer.last_first} has confirmed.
Credit approved by {support.initial}.
"""


def complaint(seed: int) -> SampleSubmission:
    """A service agent answers an upset customer."""
    draw = Casting(seed)
    ours, customer = draw.company("de_DE", "Ceramics", "Ltd"), draw.company("es_ES", "Construction", "S.L.")
    cast: dict[str, object] = {
        "ours": ours,
        "customer": customer,
        "me": draw.man("da_DK", ours),
        "support": draw.woman("sv_SE", ours),
        "driver": draw.man("de_DE", ours),
        "buyer": draw.woman("es_ES", customer),
        "manager": draw.man("it_IT", customer),
        "address": draw.address("fr_FR"),
        "invoice": draw.invoice(),
        "iban": draw.iban(5),
        "ticket": draw.ticket(),
    }
    return SampleSubmission(
        title="Reply to a complaint about broken tiles",
        occupation="Customer Service Representatives",
        sector="Wholesale Trade",
        provenance_class="authentic",
        basis="self_owned",
        task_request=Script(cast).sample_text(REQUEST, ("a damaged delivery and a wrong invoice", "Keep it short")),
        files=(_mail(cast), _reply(cast)),
    )


def _mail(cast: dict[str, object]) -> SampleFile:
    mail = Mail(
        cast,
        "Complaint {customer.short}.eml",
        sender="{buyer.full} <{buyer.email}>",
        to="{support.full} <{support.email}>",
        cc="{manager.email}",
        subject="Broken tiles again, and a wrong invoice",
    )
    mail.body(BODY)
    return mail.done(
        "reference",
        (
            "We have bought from you for eleven years",
            "Broken tiles again, and a wrong invoice",
            "before the payment run",
        ),
    )


def _reply(cast: dict[str, object]) -> SampleFile:
    return Plain(cast, "Draft reply.md").note(
        REPLY,
        "deliverable",
        (
            "The pallet was loaded without edge protection",
            "strapped with corner boards",
            "charges only what arrived intact",
        ),
    )
