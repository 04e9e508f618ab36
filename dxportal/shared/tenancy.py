"""The one way to say for which municipality a transaction works."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


def set_municipality(municipality_id: int | None) -> None:
    """Tell PostgreSQL for this transaction only; row-level policies will read it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('app.municipality', %s, true)", [str(municipality_id or "")]
        )


@contextmanager
def municipality_scope(municipality_id: int | None) -> Iterator[None]:
    """One transaction in which `app.municipality` is set and ends with the transaction."""
    with transaction.atomic():
        set_municipality(municipality_id)
        yield
