from __future__ import annotations

from django.db import migrations

from consent.append_only import install

# Table → columns that may be filled in once. Revisions are not here: what is known later about one (opened, sealed,
# erased key) changes on the row, and its digest is repeated in the signed record.
TABLES = {
    "intake_transition": (),
    "intake_reviewdecision": (),
    "intake_batchitem": (),
    "redaction_redactionrun": (),
    "redaction_recordedfinding": (),
    "redaction_verification": (),
}


def refuse_changes(apps, schema_editor):
    for table, once in TABLES.items():
        install(schema_editor, table, once)


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0002_groups"),
        ("redaction", "0001_initial"),
        ("consent", "0002_append_only"),
    ]

    operations = [migrations.RunPython(refuse_changes, migrations.RunPython.noop)]
