"""Whether the person at the keyboard is surely the one who signed in: some deeds want a sign-in of the last minutes.

A borrowed browser could otherwise erase at once, or add a passkey of its own.
"""

from __future__ import annotations

import time

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.http import HttpRequest

from intake.views.demo import DEMO_SESSION_KEY


def signed_in_lately(request: HttpRequest) -> bool:
    """Whether a code or a passkey was used within the last minutes (in the demo: its button was pressed)."""
    if settings.EMBEDDED and request.session.get(DEMO_SESSION_KEY) is True:
        return True
    oldest = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    return any(record.get("at", 0) >= oldest for record in get_authentication_records(request, request.user))
