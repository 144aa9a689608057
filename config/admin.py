"""Django's admin with our own site in it."""

from __future__ import annotations

from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig
from django.utils.module_loading import autodiscover_modules


class AdminConfig(DjangoAdminConfig):
    default_site = "intake.admin.site.StaffSite"
    default = True

    def ready(self) -> None:
        super().ready()
        # ``intake.admin`` is a package that registers nothing itself: the site is made from a module of it, and a
        # registration during that import would go to a site that is thrown away.
        autodiscover_modules("admin.review", "admin.setup", "admin.batches", "admin.holds")
