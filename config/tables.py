"""``python -m config.tables``: brings the database up to date, the cache's table included, in one process."""

from __future__ import annotations

import os

import django
from django.core.management import call_command


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    call_command("migrate", interactive=False)
    # Sign-in limits and used codes stand in this cache; Django makes its table by a command, not by a migration.
    call_command("createcachetable")


if __name__ == "__main__":
    main()
