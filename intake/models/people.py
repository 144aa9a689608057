"""Accounts. Nobody has a password: people sign in with a code sent to their e-mail address."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone


class UserManager(BaseUserManager["User"]):
    """Makes accounts. An address is compared without regard to case."""

    def create_user(self, email: str, **extra: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_unusable_password()
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, **extra: Any) -> User:
        extra.pop("password", None)  # Django's command offers one; nobody here has any
        return self.create_user(email, is_staff=True, is_superuser=True, **extra)


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account: contributor, reviewer, ops, or several of these."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    is_staff = models.BooleanField(default=False, help_text="May open the admin, with a second factor.")
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        # Shown in admin lists and history, where an address has no business to be.
        return f"person {str(self.pk)[:8]}"


class Contributor(models.Model):
    """What intake knows of a person as a contributor. The pseudonym stands in for them outside this database."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="contributor")
    country = models.CharField(max_length=2, blank=True)
    language = models.CharField(max_length=16, default="en")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"contributor {str(self.pk)[:8]}"
