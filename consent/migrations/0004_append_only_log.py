from __future__ import annotations

from django.db import migrations

from consent.append_only import install

TABLES = ("consent_logentry", "consent_lognode", "consent_logpart")


def refuse_changes(apps, schema_editor):
    for table in TABLES:
        install(schema_editor, table)


class Migration(migrations.Migration):
    dependencies = [("consent", "0003_log")]

    operations = [migrations.RunPython(refuse_changes, migrations.RunPython.noop)]
