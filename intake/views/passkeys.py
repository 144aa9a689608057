"""Add a passkey: for signing in without a code, and for signing consent."""

from __future__ import annotations

from typing import Any

from allauth.account.utils import get_next_redirect_url
from allauth.mfa.utils import is_mfa_enabled
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from intake.views.freshness import signed_in_lately

# In this order of preference: ES256 and Ed25519 sign consent; RS256, which some older machines make alone, signs in.
ALGORITHMS = (-7, -8, -257)


class AddPasskeyView(AddWebAuthnView):  # type: ignore[misc]  # allauth has no types
    """allauth's page, for a passkey that also signs in where the device can keep it."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # Whoever has a passkey or an app is asked for it by allauth; a code from the mail is all that others have.
        user = request.user
        if user.is_authenticated and not signed_in_lately(request) and not is_mfa_enabled(user):
            messages.error(request, "To add a passkey, sign out, sign in with a new code, and come back here.")
            return redirect("account")
        return super().dispatch(request, *args, **kwargs)  # type: ignore[no-any-return]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        options = context["js_data"]["creation_options"]["publicKey"]
        options["pubKeyCredParams"] = [{"type": "public-key", "alg": algorithm} for algorithm in ALGORITHMS]
        options["authenticatorSelection"]["residentKey"] = "preferred"
        return context | {"next": get_next_redirect_url(self.request) or ""}

    def get_success_url(self) -> str:
        return get_next_redirect_url(self.request) or f"{reverse('account')}#passkeys-title"


add = AddPasskeyView.as_view()
