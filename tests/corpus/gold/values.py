"""Identifiers that belong to nobody: every value lies in a range that its registry reserves, or was published.

Telephone: 555-01xx (North America), Ofcom's numbers for drama, those of the Bundesnetzagentur, ARCEP, ACMA and PTS.
Addresses in nets: RFC 5737, RFC 3849, RFC 7042. Names: RFC 2606. Cards: test cards of payment processors. IBANs: the
examples of the SWIFT registry. Social security numbers: areas above 899, which are never issued. Plates: British ones
with the years 00 and 01, which were skipped. The other numbers are of no register; they are drawn.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable

PHONES = (
    "+1 212 555 01{n:02d}", "(312) 555-01{n:02d}", "415-555-01{n:02d}", "+1-617-555-01{n:02d}", "713.555.01{n:02d}",
    "+44 20 7946 0{n:03d}", "020 7946 0{n:03d}", "(0161) 496 0{n:03d}", "07700 900{n:03d}", "+44 7700 900 {n:03d}",
    "01632 960{n:03d}", "030 23125 {n:03d}", "+49 69 90009 {n:03d}", "+49 (0)40 66969 {n:03d}",
    "01 99 00 {n:02d} {n:02d}", "+33 6 39 98 {n:02d} {n:02d}", "0491 570 006", "+61 491 570 156", "08-465 004 {n:02d}",
)  # fmt: skip
CARDS = (
    "4111111111111111", "4242424242424242", "4000056655665556", "4012888888881881", "5555555555554444",
    "5105105105105100", "2223003122003222", "5200828282828210", "378282246310005", "371449635398431",
    "6011111111111117", "6011000990139424", "3566002020360505", "30569309025904",
)  # fmt: skip
IBANS = (
    "DE89370400440532013000", "GB29NWBK60161331926819", "FR1420041010050500013M02606", "NL91ABNA0417164300",
    "BE68539007547034", "ES9121000418450200051332", "AT611904300234573201", "CH9300762011623852957",
    "IT60X0542811101000000123456", "PL61109010140000071219812874", "SE4550000000058398257466", "NO9386011117947",
    "DK5000400440116243", "FI2112345600000785", "IE29AIBK93115212345678", "PT50000201231234567890154",
    "CZ6508000000192000145399", "HU42117730161111101800000000", "TR330006100519786457841326", "LU280019400644750000",
)  # fmt: skip
NETS = ("192.0.2", "198.51.100", "203.0.113")


def digits(rng: random.Random, count: int) -> str:
    """``count`` digits, the first not a zero."""
    return str(rng.randrange(10 ** (count - 1), 10**count))


def letters(rng: random.Random, count: int) -> str:
    return "".join(rng.choices("ABCDEFGHJKLMNPRSTUVWXYZ", k=count))


def phone(rng: random.Random) -> str:
    pattern = rng.choice(PHONES)
    return pattern.format(n=rng.randrange(100))


def card(rng: random.Random) -> str:
    number, gap = rng.choice(CARDS), rng.choice(("", " ", "-"))
    cuts = (4, 10) if len(number) < 16 else (4, 8, 12)
    return gap.join(number[low:high] for low, high in zip((0, *cuts), (*cuts, None), strict=True))


def iban(rng: random.Random) -> str:
    number = rng.choice(IBANS)
    return number if rng.random() < 0.3 else " ".join(number[at : at + 4] for at in range(0, len(number), 4))


def ssn(rng: random.Random) -> str:
    return f"{rng.randrange(900, 1000)}-{rng.randrange(1, 50):02d}-{rng.randrange(1, 10_000):04d}"


def ip_address(rng: random.Random) -> str:
    if rng.random() < 0.12:
        return f"2001:db8:{rng.randrange(1, 9999):x}::{rng.randrange(1, 9999):x}"
    return f"{rng.choice(NETS)}.{rng.randrange(1, 255)}"


def mac_address(rng: random.Random) -> str:
    return f"00:00:5E:00:53:{rng.randrange(256):02X}"


def birth_date(rng: random.Random) -> str:
    year, month, day = rng.randrange(1948, 2004), rng.randrange(1, 13), rng.randrange(13, 29)
    name = MONTHS[month - 1]
    return rng.choice(
        (
            f"{year}-{month:02d}-{day:02d}",
            f"{day:02d}/{month:02d}/{year}",
            f"{day:02d}.{month:02d}.{year}",
            f"{day} {name} {year}",
            f"{name} {day}, {year}",
        )
    )


def password(rng: random.Random) -> str:
    """A word and a number, or letters, digits and signs without a pattern."""
    if rng.random() < 0.5:
        return rng.choice(("Sommer", "Harbour", "Kestrel", "Winter", "Lantern")) + digits(rng, 4) + rng.choice("!?#$")
    alphabet = string.ascii_letters + string.digits
    return "".join(rng.choices(alphabet, k=rng.randrange(8, 14))) + rng.choice("!#%+") + rng.choice(string.digits)


def plate(rng: random.Random) -> str:
    return f"{letters(rng, 2)}{rng.choice(('00', '01'))} {letters(rng, 3)}"


def coordinates(rng: random.Random) -> str:
    return f"{rng.uniform(-60, 60):.5f}, {rng.uniform(-170, 170):.5f}"


# Field of a template → (label of the gold, how a value is drawn).
VALUES: dict[str, tuple[str, Callable[[random.Random], str]]] = {
    "phone": ("PHONE_NUMBER", phone),
    "card": ("CREDIT_CARD", card),
    "iban": ("IBAN_CODE", iban),
    "ssn": ("US_SSN", ssn),
    "ip": ("IP_ADDRESS", ip_address),
    "mac": ("MAC_ADDRESS", mac_address),
    "birth": ("DATE_OF_BIRTH", birth_date),
    "password": ("PASSWORD", password),
    "plate": ("PLATE_NUMBER", plate),
    "geo": ("GEO_COORDINATES", coordinates),
    "account": ("ACCOUNT_NUMBER", lambda rng: rng.choice((digits(rng, 8), digits(rng, 10), f"0{digits(rng, 9)}"))),
    "sort": ("SORT_CODE", lambda rng: "-".join(digits(rng, 2) for _ in range(3))),
    "employee": ("EMPLOYEE_ID", lambda rng: rng.choice(("E-", "EMP-", "")) + digits(rng, 6)),
    "ticket": ("TICKET_NUMBER", lambda rng: rng.choice(("INC", "REQ", "SUP-", "CHG")) + digits(rng, 6)),
    "case": ("CASE_NUMBER", lambda rng: f"{digits(rng, 2)}-{letters(rng, 2)}-{digits(rng, 5)}"),
    "customer": ("CUSTOMER_ID", lambda rng: rng.choice(("C-", "K", "CUST-", "")) + digits(rng, 7)),
    "invoice": ("INVOICE_NUMBER", lambda rng: rng.choice(("INV-", "RE-", "INV")) + digits(rng, 6)),
    "policy": ("POLICY_NUMBER", lambda rng: f"{letters(rng, 3)}/{digits(rng, 6)}"),
    "record": ("MEDICAL_RECORD", lambda rng: digits(rng, 8)),
    "passport": ("PASSPORT_NUMBER", lambda rng: letters(rng, 2) + digits(rng, 7)),
}

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

# Fields that fill a text and name nobody.
FILLINGS: dict[str, Callable[[random.Random], str]] = {
    "date": lambda rng: f"{rng.randrange(1, 29)} {rng.choice(MONTHS)} {rng.randrange(2019, 2026)}",
    "day": lambda rng: f"{rng.randrange(2019, 2026)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}",
    "time": lambda rng: f"{rng.randrange(8, 19):02d}:{rng.randrange(60):02d}",
    "stamp": lambda rng: (
        f"{rng.randrange(2019, 2026)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}"
        f"T{rng.randrange(24):02d}:{rng.randrange(60):02d}:{rng.randrange(60):02d}Z"
    ),
    "amount": lambda rng: rng.choice("$€£") + f"{rng.randrange(20, 90_000):,}.{rng.randrange(100):02d}",
    "percent": lambda rng: f"{rng.randrange(2, 98)} %",
    "count": lambda rng: str(rng.randrange(2, 90)),
}
