"""A warehouse move, costed: one submission that holds every kind of file."""

from __future__ import annotations

from tests.corpus.cast import Casting
from tests.corpus.sample import SampleFile, SampleSubmission
from tests.corpus.script import Script
from tests.corpus.writers import Budget, Deck, Mail, Memo, Plain, Report

REQUEST = """Our lease on the north warehouse ends in September. Please work out whether we should renew it, \
move everything into the south site, or hand the overflow to a contract storage provider. I need a memo with a \
recommendation, a budget I can change myself, a short report on the three options and a few slides for the \
board.

{ops.full} has the volumes and {site.initial} knows the racking. Ask {agent.full} at {landlord.full} for the \
renewal terms, and copy me ({boss.email}) on anything that needs a signature.
"""

BODY = """Hi {ops.given},

thanks for the volumes. I have two questions before I finish the comparison:

1. Do the pallet counts include returns, or only outbound stock?
2. Is the night shift at the north site paid at the same rate as the day shift?

{site.full} told me that the mezzanine cannot carry more than 350 kg per square
metre, so I left heavy goods on the ground floor in every option. The carrier
rates that Mr {carrier.surname} sent are attached; they hold until the end of June.

If anything is unclear, call me on {me.phone} or at home on {home}.
Otherwise I will send the memo to Ms {boss.surname} on Thursday.

Best regards,
{me.given}

--
{me.full}
Senior Supply Chain Analyst, {ours.full}
{office}
Phone {me.phone} | {me.email}
{ours.site}

On Wed, 11 Mar 2026 at 16:05, {ops.last_first} <{ops.email}> wrote:
> Hello {me.given},
>
> the weekly volumes are on the shared drive at {share}
> Peak is in week 47, as every year.
> The landlord's agent is {agent.full}, {agent.email}, direct line {agent.phone}.
> She would renew for three years if we sign before the end of April.
>
> Kind regards
> {ops.full}
> {ours.short}, Operations
> {ops.phone}
"""

RATES = (
    ("Lane", "Price per pallet", "Valid until", "Contact", "E-mail"),
    ("South to city depot", "14.20", "2026-06-30", "{carrier.full}", "{carrier.email}"),
    ("North to city depot", "16.85", "2026-06-30", "{carrier.full}", "{carrier.email}"),
    ("Between our two sites", "6.40", "2026-06-30", "{dispatch.full}", "{dispatch.email}"),
)

_HAULIER = ("{haulier.full}", "{carrier.full}", "{carrier.email}", "{carrier.phone}", "{iban1}")
_LANDLORD = ("{landlord.full}", "{agent.full}", "{agent.email}", "{agent.phone}", "{iban2}")
_RACKS = ("{racks.full}", "{fitter.full}", "{fitter.email}", "{fitter.phone}", "{iban3}")
INVOICES = (
    ("Supplier", "Contact", "E-mail", "Phone", "IBAN", "Invoice number", "Amount EUR", "What for"),
    (*_HAULIER, "{invoice1}", "4180.00", "Shuttle runs in February"),
    (*_LANDLORD, "{invoice2}", "21750.00", "Quarterly rent for the north site"),
    (*_RACKS, "{invoice3}", "9360.50", "Racking inspection and repair"),
    (*_HAULIER, "{invoice4}", "1295.75", "Waiting time at the dock"),
)

NOTE = """# Handover notes: warehouse move

Written for whoever takes this over while I am away in May.

## Where things are

- Volumes: {share} ({ops.full} gives access, user name {ops.local})
- Contract with {haulier.full}: binder in the finance room, account number {account}
- The old comparison from 2023 is superseded, do not use it

## Still open

1. **Fire certificate.** {site.full} books the inspector. His mobile is {site.phone}.
2. **Forklift leases.** Two of five trucks come back in August; the other three move with us.
3. **Deposit.** {landlord.full} keeps it until the final inspection of the premises at
   {north}. Ms {agent.surname} promised a written answer by the end of the month.

## How the model works

Change only the yellow cells. Storage cost is pallets per week times the weekly rate; handling is counted once in and
once out. Nothing in the model depends on the exchange rate, so leave that cell alone.

Questions about the approval go to {boss.full}, {boss.phone}. She prefers a call to a message.
"""


def warehouse(seed: int) -> SampleSubmission:
    """An analyst compares three options for a warehouse whose lease ends."""
    cast = _cast(Casting(seed))
    return SampleSubmission(
        title="Warehouse move: three options, costed",
        occupation="Logisticians",
        sector="Transportation and Warehousing",
        provenance_class="authentic",
        basis="self_owned",
        task_request=Script(cast).sample_text(
            REQUEST, ("hand the overflow to a contract storage provider", "a few slides for the board")
        ),
        files=(_mail(cast), _memo(cast), _report(cast), _budget(cast), _deck(cast), _note(cast), _invoices(cast)),
    )


def _cast(draw: Casting) -> dict[str, object]:
    ours = draw.company("sv_SE", "Freight", "Ltd")
    landlord = draw.company("it_IT", "Immobilien", "GmbH")
    haulier = draw.company("da_DK", "Transport", "B.V.")
    racks = draw.company("de_DE", "Storage Systems", "Ltd")
    return {
        "ours": ours,
        "landlord": landlord,
        "haulier": haulier,
        "racks": racks,
        "me": draw.man("fr_FR", ours),
        "boss": draw.woman("sv_SE", ours),
        "ops": draw.man("es_ES", ours),
        "site": draw.man("de_DE", ours),
        "picker": draw.man("es_ES", ours),
        "lead": draw.woman("it_IT", ours),
        "clerk": draw.woman("fr_FR", ours),
        "agent": draw.woman("it_IT", landlord),
        "carrier": draw.man("da_DK", haulier),
        "dispatch": draw.man("da_DK", haulier),
        "fitter": draw.woman("de_DE", racks),
        "home": draw.woman("sv_SE", ours).phone,
        "office": draw.address(),
        "north": draw.address("it_IT"),
        "share": draw.link("logistics"),
        "account": draw.account(),
        "iban1": draw.iban(3),
        "iban2": draw.iban(0),
        "iban3": draw.iban(1),
        **{f"invoice{number}": draw.invoice() for number in range(1, 5)},
    }


def _mail(cast: dict[str, object]) -> SampleFile:
    mail = Mail(
        cast,
        "RE Warehouse volumes for {ops.surname}.eml",
        sender="{me.full} <{me.email}>",
        to="{ops.full} <{ops.email}>",
        cc="{boss.full} <{boss.email}>, {site.full} <{site.email}>",
        subject="Re: Weekly volumes and the {landlord.short} renewal",
    )
    mail.body(BODY)
    mail.attach_table("carrier_rates.csv", RATES)
    return mail.done(
        "reference",
        (
            "Do the pallet counts include returns",
            "the mezzanine cannot carry more than",
            "heavy goods on the\nground floor in every option",
            "Between our two sites",
        ),
    )


def _memo(cast: dict[str, object]) -> SampleFile:
    memo = Memo(
        cast,
        "Memo_to_{boss.surname}_warehouse_move.docx",
        author="{me.full}",
        title="Warehouse move: recommendation",
        header="{ours.full} · Supply chain",
        footer="Prepared by {me.full}, {me.phone}",
    )
    memo.heading("Recommendation: consolidate at the south site")
    memo.text("{boss.full}, Director of Logistics", bold="To:")
    memo.text("{me.full}, Supply Chain", bold="From:")
    memo.text("{ops.full}; {site.full}", bold="Copy:")
    memo.heading("Summary", 2)
    memo.text(
        "We should let the north lease end and move all stock to the south site. Over five years this costs a"
        " fifth less than renewing, and it removes the shuttle between the buildings. The risk is the peak in"
        " November, when we would run at 96 percent of capacity for about three weeks."
    )
    memo.text(
        "{ops.initial} checked the volumes against the order book and found no gap. In the meeting on Tuesday,"
        " {site.surname} confirmed that the extra racking can be in place within ten weeks."
    )
    memo.heading("What each option costs", 2)
    memo.table(
        (
            ("Option", "Five-year cost (EUR)", "Main risk", "Owner"),
            ("Renew the north lease", "1,912,000", "Rent review after year three", "{agent.full}"),
            ("Consolidate at the south site", "1,534,000", "Capacity during the November peak", "{site.full}"),
            ("Contract storage for the overflow", "1,688,000", "Price per pallet is not capped", "{carrier.full}"),
        )
    )
    memo.heading("What has to happen", 2)
    memo.bullets(
        "Give notice to {landlord.full}, {north}, before the end of March.",
        "Order the additional racking from {racks.full}; {fitter.full} ({fitter.email}) holds the quote until May.",
        "Agree a fixed price for overflow weeks with {haulier.full}.",
        "Tell the night shift before anybody else hears of it; {ops.full} will speak with each team leader.",
    )
    memo.heading("Open points", 2)
    memo.text(
        "The fire certificate for the mezzanine expires in June. I have asked {site.full} to book the inspection"
        " now, because the waiting time is six weeks. The deposit is due back within sixty days of the final"
        " inspection."
    )
    memo.text("Please reply to {me.email} or call {me.phone} if you would like to see the model first.")
    return memo.done(
        "deliverable",
        (
            "it removes the shuttle between the buildings",
            "Capacity during the November peak",
            "Price per pallet is not capped",
            "Tell the night shift before anybody else hears of it",
        ),
    )


def _report(cast: dict[str, object]) -> SampleFile:
    report = Report(cast, "Options report.pdf", author="{me.full}", title="Three options for the north warehouse")
    report.text("Prepared for {boss.full} by {me.full}, {ours.full}.")
    report.heading("1. Background")
    report.text(
        "The north warehouse was rented in 2019 to absorb growth that has since moved to direct delivery. Since"
        " last summer it has been little more than half full. The lease with {landlord.full} ends in September,"
        " and notice must be given six months ahead."
    )
    report.text(
        "Volumes were supplied by {ops.full}. They cover 104 weeks and were compared with the invoices of"
        " {haulier.full}; the difference is below one percent in every month."
    )
    report.page()
    report.heading("2. Comparison")
    report.text("All figures are in thousands of euros, without tax, at today's prices.")
    report.table(
        (
            ("Cost", "Renew", "Consolidate", "Contract storage"),
            ("Rent and energy", "1,204", "772", "772"),
            ("Staff and shifts", "548", "586", "548"),
            ("Shuttle and handling", "160", "41", "297"),
            ("One-off costs", "0", "135", "71"),
            ("Total over five years", "1,912", "1,534", "1,688"),
        ),
        (150, 90, 90, 110),
    )
    report.text(
        "Consolidation needs 410 additional pallet positions. {fitter.full} of {racks.full} inspected the"
        " building in February and sees no structural obstacle; the floor was tested in four places."
    )
    report.heading("3. People we spoke with")
    report.table(
        (
            ("Name", "Company", "Telephone", "About"),
            ("{agent.full}", "{landlord.full}", "{agent.phone}", "Renewal terms and deposit"),
            ("{carrier.full}", "{haulier.full}", "{carrier.phone}", "Rates for overflow weeks"),
            ("{fitter.full}", "{racks.full}", "{fitter.phone}", "Racking and floor load"),
            ("{site.full}", "{ours.full}", "{site.phone}", "Shift plan and equipment"),
        ),
        (110, 130, 110, 120),
    )
    report.page()
    report.heading("4. Risks")
    report.text(
        "The November peak is the only period in which the south site would be full. Two measures keep it"
        " workable: an earlier cut-off for promotional stock, and a call-off agreement for up to 150 pallets a"
        " week."
    )
    report.text(
        "{agent.surname} has said that the landlord will not extend month by month. If the racking is late, stock"
        " would have to go to a third party at short notice, at roughly twice the usual weekly rate."
    )
    report.heading("5. Next step")
    report.text("Decision by {boss.full} before the end of March. Questions to {me.email}.")
    return report.done(
        "deliverable",
        (
            "it has been little more than half full",
            "Consolidation needs 410 additional pallet positions",
            "an earlier cut-off for promotional stock",
            "Total over five years",
        ),
    )


def _budget(cast: dict[str, object]) -> SampleFile:
    budget = Budget(cast, "Move budget 2026.xlsx", author="{me.full}")
    budget.sheet(
        "Budget",
        (
            ("Item", "Quantity", "Unit price", "Total", "Responsible", "Remark"),
            ("Additional pallet positions", 410, 118.5, "=B2*C2", "{fitter.full}", "Quote holds until May"),
            ("Truck loads between the sites", 64, 310, "=B3*C3", "{carrier.full}", "Four loads a day for sixteen days"),
            ("Overtime hours", 920, 31.4, "=B4*C4", "{ops.full}", "Weekends only"),
            ("Clearing and cleaning", 1, 8200, "=B5*C5", "{site.full}", "Needed for the final inspection"),
            ("Label printers", 3, 640, "=B6*C6", "{clerk.full}", "Two spare ribbons each"),
            ("Sum", "", "", "=SUM(D2:D6)", "", ""),
            ("Reserve, ten percent", "", "", "=D7*0.1", "", "Released by {boss.initial} only"),
            ("Budget", "", "", "=D7+D8", "", ""),
        ),
        (32, 10, 11, 12, 24, 34),
    )
    members = ("me", "ops", "site", "picker", "lead", "clerk")
    tasks = ("Plan and model", "Shift planning", "Equipment", "Picking, zone B", "Loading, night shift", "Purchasing")
    budget.sheet(
        "Team",
        (
            ("Employee number", "Name", "Phone", "E-mail", "Task"),
            *(
                (f"{{{who}.employee}}", f"{{{who}.last_first}}", f"{{{who}.phone}}", f"{{{who}.email}}", task)
                for who, task in zip(members, tasks, strict=True)
            ),
        ),
        (18, 26, 22, 44, 24),
    )
    return budget.done(
        "deliverable",
        (
            "Additional pallet positions",
            "Four loads a day for sixteen days",
            "Two spare ribbons each",
            "Picking, zone B",
        ),
    )


def _deck(cast: dict[str, object]) -> SampleFile:
    deck = Deck(cast, "Board update.pptx", author="{me.full}", title="Warehouse move")
    deck.cover(
        "One warehouse instead of two",
        "Proposal to the board, {boss.full}",
        "Thank {ops.full} and {site.full} for the figures before starting.",
    )
    deck.bullets(
        "Why now",
        (
            "The north lease ends in September, with six months' notice",
            "The building has been half empty since last summer",
            "{landlord.full} will not extend month by month",
        ),
        "If they ask about the agent: {agent.full} is reachable on {agent.phone} until Friday.",
    )
    deck.table(
        "Three options over five years",
        (
            ("Option", "Cost (EUR)", "Owner"),
            ("Renew", "1,912,000", "{ops.initial}"),
            ("Consolidate", "1,534,000", "{site.initial}"),
            ("Contract storage", "1,688,000", "{carrier.initial}"),
        ),
        "The rates come from {haulier.full}. Do not promise them beyond June.",
    )
    deck.bullets(
        "What we ask for",
        (
            "Approve notice to the landlord before the end of March",
            "Approve a budget with a reserve of ten percent",
            "Owner: {ops.caps}",
        ),
        "Send the minutes to {boss.email} and to {clerk.full}.",
    )
    return deck.done(
        "deliverable",
        (
            "One warehouse instead of two",
            "The building has been half empty since last summer",
            "Do not promise them beyond June",
            "Approve a budget with a reserve of ten percent",
        ),
    )


def _note(cast: dict[str, object]) -> SampleFile:
    return Plain(cast, "Handover notes.md").note(
        NOTE, "deliverable", ("Change only the yellow cells", "Two of five trucks come back", "## How the model works")
    )


def _invoices(cast: dict[str, object]) -> SampleFile:
    return Plain(cast, "open_invoices.csv").table(
        INVOICES,
        "reference",
        ("Shuttle runs in February", "Racking inspection and repair", "Waiting time at the dock"),
    )
