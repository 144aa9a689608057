"""Rows that nobody edits or deletes: database triggers that refuse, for SQLite and PostgreSQL.

On SQLite Django alters a table by making it anew, which drops its triggers: a migration that alters one of these
tables calls ``install`` again afterwards. PostgreSQL keeps them.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def install(schema_editor: BaseDatabaseSchemaEditor, table: str, columns_allowed: Sequence[str] = ()) -> None:
    """Make ``table`` append-only: every UPDATE and DELETE raises IntegrityError.

    Columns in ``columns_allowed`` may still be filled in once: changed from NULL, while nothing else changes. The
    triggers are named ``append_only_<table>_update`` and ``append_only_<table>_delete``.
    """
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        columns = [column.name for column in connection.introspection.get_table_description(cursor, table)]
    if unknown := set(columns_allowed) - set(columns):
        raise ValueError(f"{table} has no column {', '.join(sorted(unknown))}")
    same = "IS NOT DISTINCT FROM" if connection.vendor == "postgresql" else "IS"
    allowed = " AND ".join(
        f'(OLD."{name}" IS NULL OR OLD."{name}" {same} NEW."{name}")'
        if name in columns_allowed
        else f'OLD."{name}" {same} NEW."{name}"'
        for name in columns
    )
    # Without an allowed column even an UPDATE that changes nothing is refused.
    condition = f"NOT ({allowed})" if columns_allowed else None
    make = _postgresql if connection.vendor == "postgresql" else _sqlite
    for statement in make(table, condition):
        # No parameters: a percent sign or a semicolon inside a trigger stays as it is.
        with connection.cursor() as cursor:
            cursor.execute(statement)


def _sqlite(table: str, condition: str | None) -> list[str]:
    def trigger(event: str, when: str) -> list[str]:
        name = f"append_only_{table}_{event.lower()}"
        refuse = f"SELECT RAISE(ABORT, '{table} is append-only')"
        return [
            f'DROP TRIGGER IF EXISTS "{name}"',
            f'CREATE TRIGGER "{name}" BEFORE {event} ON "{table}" {when} BEGIN {refuse}; END',
        ]

    return [*trigger("UPDATE", f"WHEN {condition}" if condition else ""), *trigger("DELETE", "")]


def _postgresql(table: str, condition: str | None) -> list[str]:
    def trigger(event: str, when: str) -> list[str]:
        name = f"append_only_{table}_{event.lower()}"
        return [
            f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"',
            f'CREATE TRIGGER "{name}" BEFORE {event} ON "{table}" FOR EACH ROW {when} EXECUTE FUNCTION append_only()',
        ]

    refuse = (
        "CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', "
        "MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$"
    )
    return [refuse, *trigger("UPDATE", f"WHEN ({condition})" if condition else ""), *trigger("DELETE", "")]
