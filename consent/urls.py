from __future__ import annotations

from django.urls import path

from consent import views

urlpatterns = [
    path("notices/<slug:sha256>/", views.notice_page, name="notice"),
    path("notices/<slug:sha256>.md", views.notice_source, name="notice_source"),
    path("verify/", views.verify, name="verify"),
    path("keyset.dsse.json", views.keyset, name="keyset"),
]
