"""Keys, tokens and passwords: by the shapes their issuers document, by the name that a file gives them, by the word in
front of them, and by what detect-secrets knows.

Private keys are blocks of several lines. A block may be cut where pieces of text are, so its head and its tail are
found alone as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from redaction.recognizers import secret_plugins
from redaction.recognizers.rules import Hit, folded, lowered, matches_at, places
from redaction.recognizers.secret_shapes import SHAPES

# Every type here is treated as a secret: irreversible, never stored, never kept by a person's wish.
ENTITIES: Final = (
    "AWS_KEY", "PRIVATE_KEY", "API_KEY", "ACCESS_TOKEN", "PASSWORD", "CONNECTION_STRING", "WEBHOOK_URL",
    "SESSION_COOKIE", "LICENSE_KEY",
)  # fmt: skip

_BLOCK: Final = re.compile(r"-----(BEGIN|END) (?:[A-Z0-9]{2,10} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_PUTTY: Final = re.compile(r"PuTTY-User-Key-File-\d:")
_LONGEST_BLOCK: Final = 20_000
# Lines of a block: digits of base64 or a header, with what quotes, comments and programs put around them.
_BLOCK_LINE: Final = re.compile(
    r"[\s>|*#\"'+,;\\]*(?:\\n)?(?:(?:[A-Za-z0-9+/]{1,120}={0,2}|[A-Z][A-Za-z-]{3,24}: [^\n]{0,120})"
    r"(?:\\r|\\n)*)?[\s\"'+,;\\]*"
)
_QUOTE: Final = r"[\"'`“‘]?"
_KEYWORDS: Final = tuple(
    (entity_type, re.compile(pattern, re.IGNORECASE))
    for entity_type, pattern in (
        (
            "PASSWORD",
            (
                r"\b(?:password|passwd|passphrase|passcode|pwd|pw|pin(?: code)?|temporary login|passwort|kennwort"
                r"|mot de passe|contraseña)\b"
                r"(?:[ ](?:is|was|for[ ][\w.-]{1,30}(?:[ ]is)?|set[ ]to|has[ ]been[ ]set[ ]to))?"
                rf"[\"']?[ ]?(?:[:=]|\bis\b)?[ ]{{0,3}}{_QUOTE}([^\s\"'`,;“”‘’<>|]{{4,80}})"
            ),
        ),
        (
            "API_KEY",
            (
                r"\b(?:api[_ -]?key|secret[_ -]?key|client[_ -]?secret|access[_ -]?key|encryption[_ -]?key)\b"
                rf"[\"']?(?:[ ](?:is|was))?[ ]?[:=]?[ ]{{0,3}}{_QUOTE}([\w+/=.~-]{{12,200}})"
            ),
        ),
        (
            "ACCESS_TOKEN",
            (
                r"\b(?:access[_ -]?token|auth[_ -]?token|refresh[_ -]?token|token|secret)\b"
                rf"[\"']?[ ]?[:=][ ]{{0,3}}{_QUOTE}([\w+/=.~-]{{12,200}})"
            ),
        ),
    )
)
# What those need in small letters; a text without them is not tried.
_NEEDED: Final = {
    "PASSWORD": ("pass", "pw", "pin", "temporary login", "kennwort", "mot de", "contrase"),
    "API_KEY": ("key", "secret"),
    "ACCESS_TOKEN": ("token", "secret"),
}
# What programs and settings call a secret, as a part of a longer name: DB_PASSWORD, clientSecret, "slack_token".
_NAMES: Final = (
    ("PASSWORD", "password|passwd|passphrase|pwd|passwort"),
    (
        "API_KEY",
        (
            "api_?key|apikey|secret_?key|private_?key|access_?key|signing_?key|encryption_?key|account_?key|auth_?key"
            "|client_?secret|app_?secret|credentials?|license_?key"
        ),
    ),
    ("ACCESS_TOKEN", "token|secret|jwt|webhook|dsn|salt"),
)
_SETTING: Final = re.compile(
    "(?P<name>" + "|".join(f"(?:{names})" for _, names in _NAMES) + r")(?P<rest>[A-Za-z0-9_.]{0,24})[\"'\]]{0,2}"
    r"[ \t]{0,4}(?::=|=>|[=:])[ \t]{0,4}(?P<quote>[\"'`]?)(?P<value>[^\s\"'`]{6,400})",
    re.IGNORECASE,
)
# What the names begin with.
_SETTING_HEADS: Final = (
    "pass", "pwd", "api", "secret", "private", "access", "signing", "encryption", "account", "auth", "client", "app",
    "credential", "license", "token", "jwt", "webhook", "dsn", "salt",
)  # fmt: skip
# Names that end so hold something about a secret, not the secret.
_ABOUT: Final = re.compile(
    r"(?:_?(?:type|length|len|min|max|count|limit|name|field|url|uri|path|file|dir|policy|expiry|expires|expires_?in"
    r"|ttl"
    r"|timeout|age|hint|required|enabled|reset|id|version|format|regex|pattern|header|prefix|suffix|label|class"
    r"|provider"
    r"|store|manager|service|usage|budget|index|izer)s?|s)$",
    re.IGNORECASE,
)
_PLACEHOLDER: Final = re.compile(
    r"<|\$?\{[a-z_][\w.]*\}|\$\{|\{\{|%\(|xxx|\*\*\*|\.\.\.|\[?redacted"
    r"|your[-_]|process\.|os\.|env\.|self\.|settings\.|config\."
    r"|(?:none|null|true|false|undefined|todo|tbd|string|optional|required)\b",
    re.IGNORECASE,
)
_CALL: Final = re.compile(r"\.?[A-Za-z_][\w.]*[(\[]")
# The whole password is a place for one.
_TEMPLATE: Final = re.compile(r":(?:\$?\{[\w.]+\}|%\(\w+\)s|<[\w -]+>)@")
_ATTRIBUTE: Final = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_CODE: Final = re.compile(r"[(){}\[\]<>$]|^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$|^%\w|^[A-Za-z_]+$|^[\d.,]+$")


def find(text: str) -> Iterator[Hit]:
    """Yield every secret: of a documented shape, under a name or right after a word that announces one."""
    yield from _private_keys(text)
    small = folded(text)
    for entity_type, score, pattern, needed in SHAPES:
        if not any(one in (small if one == one.lower() else text) for one in needed):
            continue
        for match in pattern.finditer(text):
            group = 1 if pattern.groups else 0
            if entity_type != "CONNECTION_STRING" or not _TEMPLATE.search(match.group()):
                yield Hit(match.start(group), match.end(group), entity_type, score)
    for entity_type, pattern in _KEYWORDS:
        for match in pattern.finditer(text) if any(one in small for one in _NEEDED[entity_type]) else ():
            start, end = match.span(1)
            if text[start - 1].isalnum():
                continue  # "{password}@host": the word itself is all there is
            end -= len(match.group(1)) - len(match.group(1).rstrip(".):"))
            if _looks_secret(entity_type, text[start:end], _assigned(text, match)):
                yield Hit(start, end, entity_type, 0.85)
    yield from _settings(text)
    yield from secret_plugins.find(text)


def _private_keys(text: str) -> Iterator[Hit]:
    """Blocks from BEGIN to END; heads and tails whose other end is in another piece."""
    marks = list(_BLOCK.finditer(text))
    for index, mark in enumerate(marks):
        following = marks[index + 1] if index + 1 < len(marks) else None
        if mark.group(1) == "BEGIN":
            whole = following and following.group(1) == "END" and following.end() - mark.start() <= _LONGEST_BLOCK
            end = following.end() if following and whole else _lines_after(text, mark.end())
            if _BLOCK_DIGITS.search(text, mark.end(), end):
                yield Hit(mark.start(), end, "PRIVATE_KEY", 1.0)
        elif index == 0 or marks[index - 1].group(1) == "END":
            start = _lines_before(text, mark.start())
            if _BLOCK_DIGITS.search(text, start, mark.start()):
                yield Hit(start, mark.end(), "PRIVATE_KEY", 1.0)
    for mark in _PUTTY.finditer(text):
        at = text.find("Private-Lines:", mark.end(), mark.end() + _LONGEST_BLOCK)
        if at >= 0:
            line_end = text.find("\n", at)
            yield Hit(mark.start(), len(text) if line_end < 0 else _lines_after(text, line_end), "PRIVATE_KEY", 1.0)


_BLOCK_DIGITS: Final = re.compile(r"[A-Za-z0-9+/]{16}")


def _lines_after(text: str, at: int) -> int:
    """Where the lines of a block that begin at ``at`` end."""
    end = at
    while end < len(text):
        line_end = text.find("\n", end + 1)
        line_end = len(text) if line_end < 0 else line_end
        line = text[end:line_end]
        if not _BLOCK_LINE.fullmatch(line) or (" " in line.strip() and ": " not in line):
            break
        end = line_end
    return end


def _lines_before(text: str, at: int) -> int:
    """Where the lines of a block that end at ``at`` begin: lines of digits alone, none of words."""
    start = at
    while start > 0:
        line_start = text.rfind("\n", 0, start - 1) + 1
        line = text[line_start:start]
        if not _BLOCK_LINE.fullmatch(line) or " " in line.strip() or not _BLOCK_TAIL.search(line):
            break
        start = line_start
    return start


_BLOCK_TAIL: Final = re.compile(r"[A-Za-z0-9+/]{20}|[A-Za-z0-9+/]{1,19}={0,2}(?:\\n)?\s*$|^\s*=[A-Za-z0-9+/]{4}\s*$")


def _settings(text: str) -> Iterator[Hit]:
    """Values of settings whose name says that they are secret."""
    if "=" not in text and ":" not in text:
        return
    for match in matches_at(_SETTING, text, places(lowered(text), _SETTING_HEADS)):
        quote, value = match.group("quote"), match.group("value")
        if not quote:
            # In the query of an address the next name begins at "&".
            inside_query = text[max(0, match.start() - 1) : match.start()] in ("?", "&")
            value = (value.partition("&")[0] if inside_query else value).rstrip(",;)]}")
        if _ABOUT.search(match.group("name") + match.group("rest")) or _PLACEHOLDER.match(value):
            continue
        if match.group("rest") and not re.match(r"[_.A-Z0-9]", match.group("rest")):
            continue  # "tokenizer", "secretary": another word
        kind = next(kind for kind, names in _NAMES if re.fullmatch(names, match.group("name"), re.IGNORECASE))
        if _looks_set(kind, value, bool(quote)):
            start = match.start("value")
            yield Hit(start, start + len(value), kind, 0.85)


def _looks_set(kind: str, value: str, quoted: bool) -> bool:
    """A value somebody set, not a piece of program or prose."""
    if _CODE.search(value) and not (quoted and kind == "PASSWORD" and not value.isalpha()):
        return False
    letters, digits = any(c.isalpha() for c in value), any(c.isdigit() for c in value)
    if kind == "PASSWORD":
        return len(value) >= 6 and (digits or any(not c.isalnum() and c not in "-._" for c in value))
    return len(value) >= 8 and letters and digits


def _assigned(text: str, match: re.Match[str]) -> bool:
    between = text[match.start() : match.start(1)].casefold()
    return any(sign in between for sign in (":", "=", " is ", " was ", " to "))


def _looks_secret(entity_type: str, value: str, assigned: bool) -> bool:
    """A word of prose after "password" is no password: a secret holds a digit or a sign, or mixes cases."""
    if _PLACEHOLDER.match(value) or _CALL.match(value):
        return False
    if entity_type != "PASSWORD" and _ATTRIBUTE.fullmatch(value):
        return False
    mixed = any(c.isdigit() for c in value) or any(not c.isalnum() and c not in "-." for c in value)
    if entity_type == "PASSWORD":
        return len(value) >= 4 and mixed and (assigned or (any(c.isalpha() for c in value) and len(value) >= 6))
    return any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
