from __future__ import annotations

from django.urls import path

from intake.views import account, demo, home

urlpatterns = [
    path("", home.home, name="home"),
    path("help/", home.help_, name="help"),
    path("your-rights/", home.rights_of_people, name="your_rights"),
    path("privacy/", home.privacy, name="privacy"),
    path("accessibility/", home.accessibility, name="accessibility"),
    path("contact/", home.contact, name="contact"),
    path("demo/sign-in/<slug:name>", demo.demo_sign_in, name="demo_sign_in"),
    path("account/", account.account, name="account"),
    path("s/", account.submissions, name="submissions"),
]
