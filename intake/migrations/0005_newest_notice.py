from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models

import intake.models.programme


class Migration(migrations.Migration):
    dependencies: ClassVar = [("intake", "0004_rights_holds")]

    operations: ClassVar = [
        migrations.AlterField(
            model_name="programme",
            name="notice_version",
            field=models.CharField(default=intake.models.programme.newest_notice, max_length=40),
        ),
    ]
