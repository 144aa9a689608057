from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import IntegrityError, connection, transaction

from consent.append_only import install

TABLE = "append_only_example"


@pytest.fixture
def table(transactional_db: None) -> Iterator[str]:
    """A table with one column that may be filled in later."""
    with connection.schema_editor() as editor:
        editor.execute(f"CREATE TABLE {TABLE} (id integer PRIMARY KEY, name varchar(20), closed_at varchar(20))")
        install(editor, TABLE, ["closed_at"])
    yield TABLE
    with connection.schema_editor() as editor:
        editor.execute(f"DROP TABLE {TABLE}")


def run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def rows() -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name, closed_at FROM append_only_example ORDER BY id")
        return list(cursor.fetchall())


def test_an_open_column_is_filled_in_once(table: str) -> None:
    run("INSERT INTO append_only_example VALUES (1, 'a', NULL), (2, NULL, NULL)")

    run("UPDATE append_only_example SET closed_at = 'monday' WHERE id = 1")

    assert rows() == [(1, "a", "monday"), (2, None, None)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE append_only_example SET name = 'b' WHERE id = 1",
        "UPDATE append_only_example SET name = NULL WHERE id = 1",
        "UPDATE append_only_example SET name = 'b' WHERE id = 2",
        "UPDATE append_only_example SET closed_at = 'tuesday' WHERE id = 1",
        "UPDATE append_only_example SET closed_at = NULL WHERE id = 1",
        "UPDATE append_only_example SET closed_at = 'tuesday', name = 'b' WHERE id = 2",
        "UPDATE append_only_example SET id = 3 WHERE id = 2",
        "DELETE FROM append_only_example",
    ],
)
def test_every_other_change_is_refused(table: str, statement: str) -> None:
    run("INSERT INTO append_only_example VALUES (1, 'a', 'monday'), (2, NULL, NULL)")

    with pytest.raises(IntegrityError, match="append-only"):
        run(statement)
    assert rows() == [(1, "a", "monday"), (2, None, None)]


def test_installing_again_replaces_the_rule(table: str) -> None:
    with connection.schema_editor() as editor:
        install(editor, table)
    run("INSERT INTO append_only_example VALUES (1, 'a', NULL)")

    with pytest.raises(IntegrityError, match="append-only"):
        run("UPDATE append_only_example SET closed_at = 'monday'")


def test_a_column_that_does_not_exist_is_named(table: str) -> None:
    with connection.schema_editor() as editor, pytest.raises(ValueError, match="opened_at"):
        install(editor, table, ["opened_at"])
