"""The people of every test. alice contributes, rita reviews, omar exports, paula protects privacy and is the second
ops person, mallory is a stranger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import connection, connections
from django.http import HttpRequest
from django.test import Client

from intake.models import Contributor, User

# The groups as the migration makes them: a flush between transactional tests takes them away.
make_groups = import_module("intake.migrations.0002_groups").make_groups


@pytest.fixture(scope="session")
def django_db_modify_db_settings(database_server: None) -> None:
    """Start the database server of this run, if it wants one, before Django makes its test database.

    The live server's threads give their connections back after each request: PostgreSQL drops no database in use.
    """
    connections.settings["default"]["CONN_MAX_AGE"] = 0


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Before the test database is dropped, end what still speaks to it: a browser may keep a connection alive."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(scope="session", autouse=True)
def flush_passes_append_only_triggers() -> Iterator[None]:
    """Let the flush between transactional tests empty append-only tables: their triggers step aside meanwhile.

    The triggers themselves stay in force inside every test.
    """
    patch = pytest.MonkeyPatch()
    # The class, not the object: a browser test flushes through another connection object than the one made here.
    operations = type(connection.ops)
    flush = operations.sql_flush

    def sql_flush(self: Any, *args: Any, **kwargs: Any) -> list[str]:
        triggers = _append_only_triggers()
        off, on = [off for off, _ in triggers], [on for _, on in triggers]
        return [*off, *flush(self, *args, **kwargs), *on]

    patch.setattr(operations, "sql_flush", sql_flush)
    yield
    patch.undo()


def _append_only_triggers() -> list[tuple[str, str]]:
    """The statements that put each trigger aside and back."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'append_only_%'")
            return [(f'DROP TRIGGER "{name}"', sql) for name, sql in cursor.fetchall()]
        cursor.execute("SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'append_only_%'")
        alter = "ALTER TABLE {table} {verb} TRIGGER {name}"
        return [
            (alter.format(table=table, verb="DISABLE", name=name), alter.format(table=table, verb="ENABLE", name=name))
            for name, table in cursor.fetchall()
        ]


@pytest.fixture(autouse=True)
def groups_of_the_migration(request: pytest.FixtureRequest) -> None:
    """A transactional test empties every table behind it, the groups' rows too: bring them back for the next one."""
    if request.node.get_closest_marker("django_db") or {"db", "transactional_db"} & set(request.fixturenames):
        request.getfixturevalue("db")
        if not Group.objects.filter(name="reviewer").exists():
            make_groups(apps, None)


SignIn = Callable[[User], Client]


@pytest.fixture
def sign_in() -> SignIn:
    """Gives a function that signs a person in; staff come with their second factor used in this session."""

    def sign_in_person(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        request = HttpRequest()
        request.session, request.user = client.session, user
        record_authentication(request, user, method="code", email=user.email)
        if user.is_staff:
            record_authentication(request, user, method="mfa", type="totp")
        request.session.save()
        return client

    return sign_in_person


def make_person(name: str, *groups: str, permissions: tuple[str, ...] = ()) -> User:
    """An account with its groups; the group ``contributor`` brings the row that intake knows it by."""
    user = User.objects.create_user(f"{name}@example.org", is_staff=bool(set(groups) - {"contributor"}))
    user.groups.set(Group.objects.filter(name__in=groups))
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    if "contributor" in groups:
        Contributor.objects.create(user=user)
    return user


@pytest.fixture
def alice(db: None) -> User:
    return make_person("alice", "contributor")


@pytest.fixture
def rita(db: None) -> User:
    return make_person("rita", "reviewer")


@pytest.fixture
def omar(db: None) -> User:
    return make_person("omar", "ops")


@pytest.fixture
def paula(db: None) -> User:
    """Privacy officer and second ops person."""
    return make_person("paula", "ops", permissions=("verify_rights", "decide_hold", "approve_breakglass", "reopen"))


@pytest.fixture
def mallory(db: None) -> User:
    """A contributor like alice, who owns nothing of what is hers."""
    return make_person("mallory", "contributor")
