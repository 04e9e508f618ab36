"""Many new rows at once by COPY: several times faster than INSERT, without holding them twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import connection, models
from django.utils import timezone
from psycopg import sql


def copy_in(rows: Sequence[models.Model]) -> None:
    """Write new rows of one model and give them their keys. Nothing is validated, nothing sent.

    Fields with `auto_now` and `auto_now_add` get this moment.
    """
    if not rows:
        return
    meta = rows[0]._meta
    fields = [field for field in meta.concrete_fields if not field.generated]
    _give_keys(rows, meta.db_table)
    readers = [_reader(field) for field in fields]
    columns = [sql.Identifier(str(field.column)) for field in fields]
    order = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(meta.db_table), sql.SQL(", ").join(columns)
    )
    with connection.cursor() as cursor, cursor.copy(order) as copy:
        for row in rows:
            copy.write_row([read(row) for read in readers])
    for row in rows:
        row._state.adding = False


def copy_rows(
    model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Write plain values of the named fields, each row in their order; keys come from the database.

    The leanest way for rows that nobody looks at again in this transaction. A foreign key is named
    with its `_id`; fields that are left out need a default in the database.
    """
    columns = [_column(model, name) for name in names]
    order = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(order) as copy:
        for row in rows:
            copy.write_row(row)


def _column(model: type[models.Model], name: str) -> str:
    return next(str(f.column) for f in model._meta.concrete_fields if f.attname == name)


def _give_keys(rows: Sequence[models.Model], table: str) -> None:
    """Keys from the table's own sequence, in the order of the rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [table, len(rows)],
        )
        for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = key


def _reader(field: models.Field[Any, Any]) -> Callable[[models.Model], Any]:
    """How a field's value is read for COPY."""
    name = field.attname
    if isinstance(field, models.JSONField):
        return lambda row: json.dumps(getattr(row, name), ensure_ascii=False)
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        moment = timezone.now()
        return lambda row: moment
    if isinstance(field, models.ForeignKey):
        return lambda row: getattr(row, name)
    if isinstance(field, models.CharField | models.TextField):
        return lambda row: None if (text := getattr(row, name)) is None else str(text)
    return lambda row: getattr(row, name)
