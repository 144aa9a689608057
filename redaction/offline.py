"""Imported before spaCy and tldextract, so that importing them opens no socket.

Both import an HTTP client that this core never uses, and urllib3, below it, binds a socket when it is imported, to see
whether the machine speaks IPv6. Here it is told not to look, and afterwards that IPv6 is as Python was built: others in
the same process, a client of a store for one, resolve names as the system says.
"""

from __future__ import annotations

import importlib
import socket
import sys


def _import_without_a_socket() -> None:
    if "urllib3.util.connection" in sys.modules:
        return
    built_with = socket.has_ipv6
    socket.has_ipv6 = False
    try:
        connection = importlib.import_module("urllib3.util.connection")
    finally:
        socket.has_ipv6 = built_with
    vars(connection)["HAS_IPV6"] = built_with


_import_without_a_socket()
