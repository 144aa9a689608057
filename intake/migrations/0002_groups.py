"""The three core groups. Code asks for permissions, never for group names."""

from django.db import migrations

# group → app label, model, codenames
GROUPS = {
    "contributor": (),
    "reviewer": (("reviewtask", ("review_submission", "view_reviewtask")),),
    "ops": (
        ("batch", ("build_batch", "approve_batch", "view_batch")),
        ("programme", ("add_programme", "change_programme", "view_programme")),
        ("invitation", ("add_invitation", "view_invitation")),
        ("recipient", ("add_recipient", "change_recipient", "view_recipient")),
    ),
}


def make_groups(apps, schema_editor):
    group_rows = apps.get_model("auth", "Group").objects
    permissions = apps.get_model("auth", "Permission").objects
    content_types = apps.get_model("contenttypes", "ContentType").objects
    for name, grants in GROUPS.items():
        group, _ = group_rows.get_or_create(name=name)
        for model, codenames in grants:
            # Django makes these rows only after all migrations; the names are those it would give.
            content_type, _ = content_types.get_or_create(app_label="intake", model=model)
            options = apps.get_model("intake", model)._meta
            named = dict(options.permissions)
            for codename in codenames:
                label = named.get(codename, f"Can {codename.split('_')[0]} {options.verbose_name}")
                permission, _ = permissions.get_or_create(
                    content_type=content_type, codename=codename, defaults={"name": label}
                )
                group.permissions.add(permission)


def drop_groups(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=GROUPS).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_groups, drop_groups, elidable=False)]
