"""Numbers that stand for a person or a case: a keyword, then a value that holds a digit. The value alone is a hit.

Also values that say what they are without a keyword: ``INC0012345``, ``E-12345``, ``VAT`` numbers, sort codes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from redaction.recognizers.rules import Hit, lowered, matches_at

ENTITIES: Final = (
    "ACCOUNT_NUMBER", "EMPLOYEE_ID", "TICKET_NUMBER", "CASE_NUMBER", "INVOICE_NUMBER", "CUSTOMER_ID", "ID_NUMBER",
    "POLICY_NUMBER", "SORT_CODE", "TAX_NUMBER", "MEDICAL_RECORD", "PASSPORT_NUMBER", "PLATE_NUMBER",
)  # fmt: skip

_NUMBER_WORD: Final = r"(?:[ \t]{1,2}(?:number|numbers|no\.?|nr\.?|num|id|ids|code|ref(?:erence)?\.?|#)){0,2}"
_LINK: Final = r"(?:[ \t]{0,2}(?:is|was|=|:|#|-|–|\|)){0,2}[ \t(\[\"']{0,3}#?"
_VALUE: Final = r"(?=[A-Z/.-]{0,9}\d)[A-Z0-9](?:[A-Z0-9]|[-/._](?=[A-Z0-9])){2,30}(?:[ ]\d{3,6}(?!\w)){0,5}"

# Keyword → type. Order matters: the more telling keyword first.
_KEYWORDS: Final = (
    ("ACCOUNT_NUMBER", r"(?:bank[ \t]{1,2})?(?:account|acct\.?|a/c|acc\.)"),
    ("EMPLOYEE_ID", r"(?:employee|staff|personnel|payroll|badge|worker|emp\.?)"),
    ("TICKET_NUMBER", r"(?:ticket|incident|issue|service[ \t]request|jira|change[ \t]request)"),
    ("CASE_NUMBER", r"(?:case|matter|claim|docket|file[ \t]ref)"),
    ("INVOICE_NUMBER", r"(?:invoice|purchase[ \t]order|order|po|receipt|quote|quotation|delivery[ \t]note)"),
    ("CUSTOMER_ID", r"(?:customer|client|member(?:ship)?|subscriber|supplier|vendor|user|patient)"),
    ("POLICY_NUMBER", r"(?:policy|contract|licen[cs]e|certificate|permit)"),
    ("SORT_CODE", r"(?:sort[ \t]code|routing|aba|bic|swift)"),
    (
        "TAX_NUMBER",
        r"(?:vat|tax|tin|ein|ust-?id|siret|siren|national[ \t]insurance|ni|nino|ssn|company[ \t]registration)",
    ),
    ("MEDICAL_RECORD", r"(?:mrn|medical[ \t]record|nhs)"),
    ("PASSPORT_NUMBER", r"(?:passport|identity[ \t]card|id[ \t]card|driving[ \t]licen[cs]e|driver'?s[ \t]licen[cs]e)"),
    ("PLATE_NUMBER", r"(?:licen[cs]e[ \t]plate|number[ \t]plate|registration[ \t]plate|vin)"),
    ("ID_NUMBER", r"(?:reference|ref\.?|id|serial|tracking)"),
)
# Business words ("order", "issue", "policy") are followed by counts, years and sections; those need a number word,
# a colon or a hash before the value.
_NEEDS_LINK: Final = frozenset(
    {"INVOICE_NUMBER", "CASE_NUMBER", "POLICY_NUMBER", "TICKET_NUMBER", "CUSTOMER_ID", "ID_NUMBER"}
)
_PATTERNS: Final = tuple(
    (entity_type, re.compile(rf"(?<!\w){keyword}{_NUMBER_WORD}{_LINK}({_VALUE})(?!\w)", re.IGNORECASE))
    for entity_type, keyword in _KEYWORDS
)
# A letter and some digits, a few words after whatever names patients and their papers.
_OF_PATIENT: Final = re.compile(r"(?<![\w-])[A-Z]\d{6,8}(?!\w)")
_PATIENT: Final = re.compile(
    r"\b(?:patient|medical|health|hospital|vaccin\w{0,6}|prescription|diagnos\w{0,6}|mrn)\b", re.I
)
# One of these stands in whatever ``_PATIENT`` matches.
_OF_PATIENTS: Final = ("patient", "medical", "health", "hospital", "vaccin", "prescription", "diagnos", "mrn")
_NEAR: Final = 60
_PLATE: Final = re.compile(
    r"\b(?:[Pp]lates?|[Rr]egistration)(?: (?:number|no\.?))?(?: is"
    r"|:)? (?=[A-Z -]{0,4}\d)([A-Z0-9]{1,4}(?:[ -][A-Z0-9]{1,4}){0,2})(?!\w)"
)
# What every keyword begins with, and whose it is.
_HEADS: Final = (
    ("ACCOUNT_NUMBER", "bank account acct a/c acc."),
    ("EMPLOYEE_ID", "employee staff personnel payroll badge worker emp"),
    ("TICKET_NUMBER", "ticket incident issue service jira change"),
    ("CASE_NUMBER", "case matter claim docket file"),
    ("INVOICE_NUMBER", "invoice purchase order po receipt quot delivery"),
    ("CUSTOMER_ID", "customer client member subscriber supplier vendor user patient"),
    ("POLICY_NUMBER", "policy contract licen certificate permit"),
    ("SORT_CODE", "sort routing aba bic swift"),
    ("TAX_NUMBER", "vat tax tin ein ust siret siren national ni ssn company"),
    ("MEDICAL_RECORD", "mrn medical nhs"),
    ("PASSPORT_NUMBER", "passport identity id driv"),
    ("PLATE_NUMBER", "licen number registration vin"),
    ("ID_NUMBER", "ref id serial tracking"),
)
_BY_HEAD: Final = {
    head: tuple(kind for kind, heads in _HEADS if head in heads.split())
    for head in sorted({head for _, heads in _HEADS for head in heads.split()})
}
_SHAPES: Final = (
    ("TICKET_NUMBER", re.compile(r"(?<![\w-])(?:INC|REQ|CHG|PRB|RITM|TASK|CS|SR)-?\d{5,10}(?!\w)")),
    ("EMPLOYEE_ID", re.compile(r"(?<![\w-])(?:E|EMP|EID)-\d{4,8}(?!\w)")),
    (
        "TICKET_NUMBER",
        re.compile(
            r"(?<![\w-])(?!(?:ISO|IEC|EN|DIN|RFC|CVE|CWE|UTF|BS|IEEE|ANSI|NIST|SP|FIPS|AES|SHA|RSA)-)"
            r"[A-Z]{2,6}-\d{4,8}(?![\w-]|\.\d)"
        ),
    ),
    ("INVOICE_NUMBER", re.compile(r"(?<![\w-])(?:INV|PO|SO|RE|RG|CN)-?\d{4,10}(?:-\d{1,6})?(?!\w)")),
    ("MEDICAL_RECORD", re.compile(r"(?<![\w-])(?:MRN|MED|PAT)[-:#]?\d{5,9}(?!\w)")),
    ("SORT_CODE", re.compile(r"(?<![\w-])\d\d-\d\d-\d\d(?![\w-])")),
    ("TAX_NUMBER", re.compile(r"(?<!\w)(?:GB|IE|DE|ATU|NL|FR|BE0|ES|IT|PL|SE|DK)\d{8,12}(?:B\d\d)?(?!\w)")),
    ("TAX_NUMBER", re.compile(r"(?<!\w)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][ ]?\d\d[ ]?\d\d[ ]?\d\d[ ]?[A-D](?!\w)")),
)
# Each of these shapes lies on one line and holds this.
_CODED: Final = re.compile(r"[A-Z#:-]\d{4}|\d\d-\d\d-\d\d|[A-Z][ ]?\d\d[ ]?\d\d[ ]?\d\d[ ]?[A-D]")
_LINKED: Final = re.compile(
    r"(?:[:=#]|number|numbers|\bno\b\.?|\bnr\b\.?|\bid\b|code|ref(?:erence)?\.?)[ \t(\[\"']{0,3}#?$", re.IGNORECASE
)
_YEAR: Final = re.compile(r"(?:19|20)\d\d(?:[-/](?:\d\d|\d{4}))?")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}")


def find(text: str) -> Iterator[Hit]:
    """Yield the value after each keyword, and values that name their own kind."""
    small = lowered(text)
    starts = _starts(text, small)
    for entity_type, pattern in _PATTERNS:
        for match in matches_at(pattern, text, starts.get(entity_type, ())):
            if _is_identifier(entity_type, text, match):
                yield Hit(match.start(1), match.end(1), entity_type, 0.75)
    for match in _OF_PATIENT.finditer(text) if any(word in small for word in _OF_PATIENTS) else ():
        if _PATIENT.search(text, max(0, match.start() - _NEAR), match.start()):
            yield Hit(match.start(), match.end(), "MEDICAL_RECORD", 0.5)
    for match in _PLATE.finditer(text) if "plate" in small or "registration" in small else ():
        yield Hit(match.start(1), match.end(1), "PLATE_NUMBER", 0.7)
    coded = _lines_with(_CODED, text)
    for entity_type, pattern in _SHAPES:
        for start, end in coded:
            for match in pattern.finditer(text, start, end):
                yield Hit(match.start(), match.end(), entity_type, 0.5 if entity_type != "SORT_CODE" else 0.25)


def _starts(text: str, small: str) -> dict[str, list[int]]:
    """Type → where one of its keywords may begin, in order. To look up words is much faster than to try patterns."""
    found: dict[str, list[int]] = {}
    for head, kinds in _BY_HEAD.items():
        at = small.find(head)
        while at >= 0:
            if at == 0 or not (text[at - 1].isalnum() or text[at - 1] == "_"):
                for entity_type in kinds:
                    found.setdefault(entity_type, []).append(at)
            at = small.find(head, at + 1)
    for starts in found.values():
        starts.sort()
    return found


def _lines_with(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    """Start and end of each line that holds a match of ``pattern``."""
    found: list[tuple[int, int]] = []
    end = -1
    for match in pattern.finditer(text):
        if match.start() > end:
            end = text.find("\n", match.start())
            end = len(text) if end < 0 else end
            found.append((text.rfind("\n", 0, match.start()) + 1, end))
    return found


def _is_identifier(entity_type: str, text: str, match: re.Match[str]) -> bool:
    value = match.group(1)
    digits = sum(character.isdigit() for character in value)
    linked = bool(_LINKED.search(text, match.start(), match.start(1)))
    if _YEAR.fullmatch(value) or _DATE.fullmatch(value) or digits < (3 if linked else 4):
        return False
    # "$", "%" and decimals are amounts, not names of things.
    if match.end() < len(text) and text[match.end()] in "%€$£":
        return False
    return linked or entity_type not in _NEEDS_LINK or digits >= 5
