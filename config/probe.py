"""``python -m config.probe PORT``: does the web server on this port answer for our own address? For health checks."""

from __future__ import annotations

import http.client
import sys
from urllib.parse import urlsplit

from config.env import env


def answers(port: int) -> bool:
    """Whether any answer below 500 comes back; a redirect to https is one."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        connection.request("GET", "/", headers={"Host": urlsplit(env().public_url).netloc})
        return connection.getresponse().status < 500
    except OSError:
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if answers(int(sys.argv[1])) else 1)
