"""Accounts: sign-up with an invitation only, neutral mails, secrets encrypted at rest, passkeys for this very site."""

from __future__ import annotations

import base64
import os

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.urls import reverse

from consent import services as consent
from intake.views.freshness import signed_in_lately
from intake.views.invitation import pending_invitation

NONCE_BYTES = 12
SITE_NAME = "Vouchsafe"
SECOND_FACTORS = {Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Who may sign up, and where people land."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Only while this session carries an invitation that can still be used."""
        return pending_invitation(request) is not None

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Staff work in the admin; everybody else has submissions."""
        return reverse("admin:index" if getattr(request.user, "is_staff", False) else "submissions")

    def is_reauthentication_required(self, *, app: str, **kwargs: object) -> bool:
        """On the pages about second factors not for a few minutes after signing in: whoever lost a passkey can remove
        it with a new code. What is asked again elsewhere, before a batch is approved say, is asked always."""
        asked = bool(super().is_reauthentication_required(app=app, **kwargs))
        return asked and not (app and signed_in_lately(self.request))


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Keeps authenticator secrets under a key of ours (allauth's own default stores them in clear); names passkeys."""

    error_messages = {  # allauth's own shape
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "That did not match. Try again; if it was a passkey, use one that you added here.",
    }

    def is_mfa_enabled(self, user: AbstractBaseUser, types: list[str] | None = None) -> bool:
        """Whether these factors exist. At sign-in (asked for both kinds at once) a contributor's passkey is an offer,
        not a demand: it replaces the code from the mail, and is never asked for on top of it. Staff need a second
        factor, and there the passkey is one."""
        if types is not None and set(types) == SECOND_FACTORS and not getattr(user, "is_staff", False):
            types = [Authenticator.Type.TOTP]
        return bool(super().is_mfa_enabled(user, types=types))

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:  # noqa: A002
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"Passkey {count + 1}" if count else "Passkey"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The site that the keyset names, whatever host name the request used: a signature is checked against it."""
        return {"id": consent.relying_party().rp_id, "name": SITE_NAME}

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
