from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from intake.models import Transition, User
from tests.factories import opened

pytestmark = pytest.mark.django_db

TABLES = [
    "intake_transition",
    "intake_reviewdecision",
    "intake_batchitem",
    "redaction_redactionrun",
    "redaction_recordedfinding",
    "redaction_verification",
    "consent_notice",
    "consent_consentrecord",
    "consent_consentevent",
    "consent_statement",
]


def test_a_transition_can_neither_be_changed_nor_deleted(alice: User) -> None:
    row = opened(alice).transitions.get()
    with pytest.raises(DatabaseError), transaction.atomic():
        Transition.objects.filter(pk=row.pk).update(role="someone else")
    with pytest.raises(DatabaseError), transaction.atomic():
        row.delete()
    assert Transition.objects.get(pk=row.pk).role == "contributor"


@pytest.mark.parametrize("table", TABLES)
def test_every_append_only_table_has_both_triggers(table: str) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
        else:
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass", [table])
        names = {name for (name,) in cursor.fetchall()}
    assert {f"append_only_{table}_update", f"append_only_{table}_delete"} <= names
