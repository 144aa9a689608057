from __future__ import annotations

from django.db import migrations

from consent.append_only import install

TABLES = ("consent_notice", "consent_consentrecord", "consent_consentevent", "consent_statement")


def refuse_changes(apps, schema_editor):
    for table in TABLES:
        install(schema_editor, table)


class Migration(migrations.Migration):
    dependencies = [("consent", "0001_initial")]

    operations = [migrations.RunPython(refuse_changes, migrations.RunPython.noop)]
