"""bubblewrap, where it is installed and allowed: one more wall around the cage, never a condition of it.

It gives the cage namespaces of its own: no network device, no other processes, and of the file system only the system's
libraries and the Python installation, read-only. Containers often forbid it; then the cage stands without.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_PROGRAM: Final = "bwrap"
_SYSTEM: Final = ("/usr", "/lib", "/lib64", "/etc/ld.so.cache")


def prefix(environment: Mapping[str, str]) -> list[str]:
    """The words to put before a command, which gets this environment alone; none where it is not installed."""
    program = shutil.which(_PROGRAM) if sys.platform == "linux" else None
    if program is None:
        return []
    seen = [*_SYSTEM, sys.base_prefix, sys.prefix, str(Path(sys.prefix).resolve()), str(Path(__file__).parent)]
    return [
        program,
        *("--unshare-all", "--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL"),
        *(word for name, value in environment.items() for word in ("--setenv", name, value)),
        *(word for path in dict.fromkeys(seen) for word in ("--ro-bind-try", path, path)),
        *("--dev", "/dev", "--proc", "/proc", "--chdir", "/", "--"),
    ]
