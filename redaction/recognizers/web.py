"""Web addresses, host names, handles and network shares. The list of public suffixes is the one tldextract bundles."""

from __future__ import annotations

import redaction.offline  # noqa: F401  # before the libraries that would open a socket

# isort: split
import re
from collections.abc import Iterator
from typing import Final

import tldextract

from redaction.recognizers.rules import Hit, trimmed
from redaction.words import words

ENTITIES: Final = ("URL", "HOSTNAME", "HANDLE", "USER_PATH")

# No list is ever fetched and no cache is written: an offline machine finds what an online one does.
_SUFFIXES: Final = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
_PRIVATE_SUFFIXES: Final = words("private_suffixes")
_URL: Final = re.compile(
    r"\b(?:https?|ftps?|sftp|ssh|git|wss?|s3|file|jdbc:[a-z]{2,12})://[^\s<>\"'`]{1,2000}", re.IGNORECASE
)
_HOST: Final = re.compile(
    r"(?<![\w@.-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}[a-z][a-z0-9-]{0,61}[a-z](?![\w-])", re.IGNORECASE
)
_PATH: Final = re.compile(r"/[^\s<>\"'`]{0,500}")
_HANDLE: Final = re.compile(r"(?<![\w.@/])@[a-z_][\w.-]{1,38}(?<![.-])(?![\w@])", re.IGNORECASE)
# Posts that are passed on ("RT@jane: …"), and handles without a blank between them, which no e-mail address is.
_PASSED_ON: Final = re.compile(r"(?<![\w@])RT[ ]?@([a-z_]\w{1,38})(?!\w|[@.-]\w)", re.IGNORECASE)
_IN_A_ROW: Final = re.compile(r"(?:@[a-z_]\w{1,38}){2,20}(?![\w@]|[.-]\w)", re.IGNORECASE)
_USER_PATH: Final = re.compile(
    r"(?:/home/|/Users/|[A-Za-z]:\\Users\\|~)([\w.-]{2,40})(?=[/\\])|\\\\([\w.-]{2,60})(?=\\)"
)
# One of these stands in whatever the two patterns match.
_PATHS: Final = ("/home/", "/Users/", "\\", "~")
_DOTTED: Final = re.compile(r"\.\w")
# Words that end like a host name but are files or program text.
_FILE_SUFFIXES: Final = words("file_suffixes")
_SHARED_USERS: Final = words("shared_users")


def find(text: str) -> Iterator[Hit]:
    """Yield web addresses with a scheme, bare hosts under a known suffix, handles, and user names in paths."""
    taken: list[tuple[int, int]] = []
    for match in _URL.finditer(text) if "://" in text else ():
        start, end = trimmed(text, match.start(), match.end(), ".,;:!?)]}*_|")
        taken.append((start, end))
        yield Hit(start, end, "URL", 0.95)
    for match in _HOST.finditer(text) if _DOTTED.search(text) else ():
        if any(start <= match.start() < end for start, end in taken) or not known_host(match.group()):
            continue
        path = _PATH.match(text, match.end())
        if path and len(path.group()) > 1:
            start, end = trimmed(text, match.start(), path.end(), ".,;:!?)]}*_|")
            yield Hit(start, end, "URL", 0.7)
        else:
            yield Hit(match.start(), match.end(), "HOSTNAME", 0.6)
    yield from _handles(text) if "@" in text else ()
    for match in _USER_PATH.finditer(text) if any(one in text for one in _PATHS) else ():
        group = 1 if match.group(1) else 2
        if match.group(group).casefold() not in _SHARED_USERS:
            yield Hit(match.start(group), match.end(group), "USER_PATH", 0.7)


def _handles(text: str) -> Iterator[Hit]:
    for pattern in (_HANDLE, _IN_A_ROW):
        for match in pattern.finditer(text):
            yield Hit(match.start(), match.end(), "HANDLE", 0.5)
    for match in _PASSED_ON.finditer(text):
        yield Hit(match.start(1) - 1, match.end(), "HANDLE", 0.5)


def known_host(name: str) -> bool:
    """True when ``name`` ends in a public suffix, or in one kept for private networks and examples."""
    labels = name.casefold().split(".")
    if labels[-1] in _PRIVATE_SUFFIXES:
        return True
    if labels[-1] in _FILE_SUFFIXES and (len(labels) == 2 or labels[-1] != "net"):
        return labels[-1] == "net" and len(labels[-2]) > 3 and name == name.casefold()
    # A missing blank after a full stop ("done.Now") joins two words; a host is written in one case.
    if any(label != label.casefold() and not label.isupper() for label in name.split(".")[1:]):
        return False
    found = _SUFFIXES.extract_str(name)
    return bool(found.suffix and found.domain) and not (len(labels) == 2 and len(labels[0]) < 2)
