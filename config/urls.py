from __future__ import annotations

from allauth.account import views as account
from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from intake.views import passkeys

# Staff sign in where everybody does; the admin's own password form is never shown.
admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

# Only what people without passwords need. allauth's other pages (passwords, second addresses) do not exist here.
accounts = [
    path("login/", account.login, name="account_login"),
    path("login/code/", RedirectView.as_view(pattern_name="account_login"), name="account_request_login_code"),
    path("login/code/confirm/", account.confirm_login_code, name="account_confirm_login_code"),
    path("logout/", account.logout, name="account_logout"),
    path("signup/", account.signup, name="account_signup"),
    path("confirm-email/", account.email_verification_sent, name="account_email_verification_sent"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    # allauth sends people who are signed in to this name; they have one address, shown on their account page.
    path("email/", RedirectView.as_view(pattern_name="account"), name="account_email"),
    # Passkeys are listed on the account page, and adding one leads back to where it was wanted.
    path("2fa/webauthn/", RedirectView.as_view(pattern_name="account"), name="mfa_list_webauthn"),
    path("2fa/webauthn/add/", passkeys.add, name="mfa_add_webauthn"),
    path("2fa/", include("allauth.mfa.urls")),
]

urlpatterns = [
    path("", include("intake.urls")),
    path("", include("consent.urls")),
    path("accounts/", include(accounts)),
    path("admin/", admin.site.urls),
]
