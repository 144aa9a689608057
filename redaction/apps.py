from __future__ import annotations

from django.apps import AppConfig


class RedactionConfig(AppConfig):
    name = "redaction"
