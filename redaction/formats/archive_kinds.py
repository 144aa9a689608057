"""What of an archive is left out by its name alone: what programs make and nobody writes.

Two kinds are told apart by the carrier they are counted under. ``G1`` is what a version control system keeps about its
users: every old version of every file, names, addresses, remotes. ``C4`` is what can be made again from the sources, or
was fetched from elsewhere: caches, dependencies, compiled files, droppings of file managers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

HISTORY: Final = "G1"
MADE: Final = "C4"

_HISTORY: Final = frozenset({".git", ".hg", ".svn", ".bzr", ".gitmodules", ".git-credentials"})
_MADE: Final = frozenset(
    {
        "node_modules", "bower_components", ".yarn", ".pnpm-store", ".npm", "site-packages", "__pycache__", ".venv",
        "venv", ".tox", ".nox", ".eggs", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis",
        ".ipynb_checkpoints", ".cache", ".gradle", ".terraform", ".next", ".nuxt", ".parcel-cache", ".turbo", "dist",
        ".idea", ".vs", ".vscode", ".ds_store", "thumbs.db", "desktop.ini", "__macosx", ".spotlight-v100", ".trashes",
        ".fseventsd", ".directory", ".coverage",
    }
)  # fmt: skip
_MADE_NAMES: Final = re.compile(
    r"\._.*|~\$.*|.*~|.*\.egg-info"
    r"|.*\.(?:pyc|pyo|pyd|class|o|obj|a|lib|so(?:\.[\d.]+)?|dll|dylib|exe|pdb|ilk|wasm|map|whl|egg|jar|war|swp|swo|tmp"
    r"|lnk|crdownload|tsbuildinfo)",
    re.DOTALL,
)
_POINTER: Final = b"version https://git-lfs.github.com/spec/"
_LONGEST_POINTER: Final = 1024
# Text in form only: markup, encoded pictures and streams in it would pass as words.
_NOT_AS_TEXT: Final = frozenset(
    {
        "svg", "rtf", "ps", "eps", "ai", "mht", "mhtml", "mbox", "emlx", "fodt", "fods", "fodp", "drawio", "vcf",
        "hex", "uue", "fb2", "xps", "doc", "xls", "ppt", "docm", "xlsm", "pptm", "dotx", "xltx", "potx", "xlsb",
        "dot", "xlt", "pot", "msg", "pst", "odt", "ods", "odp", "pages", "numbers", "key", "webarchive", "djvu", "tiff",
        "tif", "gif", "bmp", "webp", "heic", "heif", "psd", "dcm", "tar", "gz", "tgz", "bz2", "xz", "7z", "rar", "zst",
    }
)  # fmt: skip


def left_out(path: Sequence[str]) -> str:
    """The carrier under which a member is left out because of its name or a folder it lies in; empty when it stays."""
    steps = [step.casefold() for step in path]
    if any(step in _HISTORY or step.endswith(".git") for step in steps):
        return HISTORY
    if any(step in _MADE or step.endswith(".egg-info") for step in steps) or _MADE_NAMES.fullmatch(steps[-1]):
        return MADE
    return ""


def is_pointer(data: bytes) -> bool:
    """True for what git keeps in place of a large file: an address by content, of something that is not here."""
    return len(data) <= _LONGEST_POINTER and data.startswith(_POINTER)


def extension(name: str) -> str:
    """What stands behind the last dot, in small letters; empty for a name without one, or with none but the first."""
    return name.lstrip(".").rpartition(".")[2].casefold() if "." in name.lstrip(".") else ""


def plain_by_name(name: str) -> bool:
    """True when a file of an unknown extension may be taken as text, if its content is that."""
    return extension(name) not in _NOT_AS_TEXT
