"""Accounts: sign-up with an invitation only, neutral mails, and authenticator secrets encrypted at rest."""

from __future__ import annotations

import base64
import os

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from intake.views.invitation import pending_invitation

NONCE_BYTES = 12


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Who may sign up, and where people land."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Only while this session carries an invitation that can still be used."""
        return pending_invitation(request) is not None

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Staff work in the admin; everybody else has submissions."""
        return reverse("admin:index" if getattr(request.user, "is_staff", False) else "submissions")


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Keeps authenticator secrets under a key of ours; allauth's own default stores them in clear."""

    def encrypt(self, text: str) -> str:
        nonce = os.urandom(NONCE_BYTES)
        return base64.urlsafe_b64encode(nonce + _cipher().encrypt(nonce, text.encode(), None)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        sealed = base64.urlsafe_b64decode(encrypted_text)
        return _cipher().decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None).decode()


def _cipher() -> AESGCM:
    """AES-256-GCM under a key derived (HKDF, RFC 5869) from the installation's secret, for this use alone."""
    kdf = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"vouchsafe/authenticator-secret/1")
    return AESGCM(kdf.derive(settings.SECRET_KEY.encode()))
