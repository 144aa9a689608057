"""The words the pages use for codes that the rest of the system stores."""

from __future__ import annotations

from intake.filetypes import FROM_REDACTION
from intake.filetypes import SENTENCES as REFUSALS
from intake.models import Artifact
from intake.states import ArtifactState
from redaction.errors import SENTENCES as REDACTION_SENTENCES

# Why a file is stopped or refused. A refusal keeps intake's code, a stop keeps the redaction core's.
REASONS: dict[str, str] = {
    **REDACTION_SENTENCES,
    **{ours: REDACTION_SENTENCES[theirs] for theirs, ours in FROM_REDACTION.items()},
    "archive": REFUSALS["archive"],
    "attempts": "This file stopped the check several times. Leave it out, or add it in another format.",
    "unreadable": "The stored file could not be read back. Add it again.",
}
UNKNOWN_REASON = "This file is stopped. Leave it out, or ask for help."

STAGES: dict[str, str] = {
    "": "Waiting its turn",
    "waiting": "Waiting its turn",
    "reading": "Reading",
    "detecting": "Looking for personal details",
    "copying": "Making the copy",
    "verifying": "Checking the copy",
    "done": "Ready to check",
}
# For the progress bar: how many of the steps lie behind a stage.
STEPS = ("waiting", "reading", "detecting", "copying", "verifying", "done")

ENTITY_TYPES: dict[str, tuple[str, str]] = {
    "PERSON": ("Person", "People"),
    "ORGANIZATION": ("Organisation", "Organisations"),
    "LOCATION": ("Place", "Places"),
    "ADDRESS": ("Postal address", "Postal addresses"),
    "POST_CODE": ("Post code", "Post codes"),
    "EMAIL_ADDRESS": ("E-mail address", "E-mail addresses"),
    "PHONE_NUMBER": ("Phone number", "Phone numbers"),
    "HANDLE": ("User name", "User names"),
    "URL": ("Web address", "Web addresses"),
    "HOSTNAME": ("Computer name", "Computer names"),
    "IP_ADDRESS": ("Network address", "Network addresses"),
    "USER_PATH": ("Folder of a person", "Folders of people"),
    "DATE_OF_BIRTH": ("Date of birth", "Dates of birth"),
    "DATE_TIME": ("Date", "Dates"),
    "NRP": ("Nationality or group", "Nationalities and groups"),
    "IBAN_CODE": ("Bank account", "Bank accounts"),
    "SORT_CODE": ("Sort code", "Sort codes"),
    "ACCOUNT_NUMBER": ("Account number", "Account numbers"),
    "CREDIT_CARD": ("Card number", "Card numbers"),
    "TAX_NUMBER": ("Tax number", "Tax numbers"),
    "US_SSN": ("Social security number", "Social security numbers"),
    "PASSPORT_NUMBER": ("Passport number", "Passport numbers"),
    "ID_NUMBER": ("Identity number", "Identity numbers"),
    "EMPLOYEE_ID": ("Staff number", "Staff numbers"),
    "CUSTOMER_ID": ("Customer number", "Customer numbers"),
    "CASE_NUMBER": ("Case number", "Case numbers"),
    "INVOICE_NUMBER": ("Invoice number", "Invoice numbers"),
    "TICKET_NUMBER": ("Ticket number", "Ticket numbers"),
    "POLICY_NUMBER": ("Policy number", "Policy numbers"),
    "MEDICAL_RECORD": ("Medical record number", "Medical record numbers"),
    "PLATE_NUMBER": ("Number plate", "Number plates"),
    "PASSWORD": ("Password", "Passwords"),
    "SECRET": ("Secret", "Secrets"),
    "API_KEY": ("Access key", "Access keys"),
    "AWS_KEY": ("Access key", "Access keys"),
    "ACCESS_TOKEN": ("Access token", "Access tokens"),
    "PRIVATE_KEY": ("Private key", "Private keys"),
    "CONNECTION_STRING": ("Connection string", "Connection strings"),
    "CONFIDENTIAL": ("Word you or the programme chose", "Words you or the programme chose"),
}

RECIPIENTS: dict[str, str] = {
    "ai-developer": "companies and laboratories that build AI systems",
    "evaluator": "companies that test AI systems",
    "academic": "universities and public research",
}

ROLES: dict[str, str] = {
    "request": "Task request",
    "reference": "What you started from",
    "deliverable": "What you made",
    "rubric": "How it would be judged",
}

# What each signature of the sign page is about, in the order of signing.
SIGNATURES: dict[str, str] = {
    "rights": "your right to share these files",
    "third_party": "what the files say about other people and secrets",
    "record": "the uses you agree to",
    "refusal": "your refusal",
}
SIGNED_WITH: dict[str, str] = {
    "webauthn": "with your passkey",
    "typed-name+email-code": "with your name and a code",
}

ACTORS: dict[str, str] = {"contributor": "you", "system": "the computer", "worker": "the computer"}


def actor(role: str) -> str:
    """Who acted, as the owner knows them: never by name."""
    return ACTORS.get(role, f"a {role}")


def reason(artifact: Artifact) -> str:
    """Why a file is stopped or refused, as a sentence with a way on; empty when it is neither."""
    if artifact.state not in (ArtifactState.HELD, ArtifactState.REFUSED):
        return ""
    return REASONS.get(artifact.reason_code, UNKNOWN_REASON)


def kind(entity_type: str, *, many: bool = False) -> str:
    """The name of an entity type; one that nobody named yet is spelt out."""
    plain = entity_type.replace("_", " ").capitalize()
    return ENTITY_TYPES.get(entity_type, (plain, plain))[many]


def recipient(recipient_class: str) -> str:
    return RECIPIENTS.get(recipient_class, recipient_class.replace("_", " "))
