"""Keeping on record that somebody saved the list for publication."""

from dxportal.accounts import audit
from dxportal.accounts.models import Municipality, User

PUBLISHED = "initiatives.published"


def record_publication(municipality: Municipality, *, by: User, rows: int) -> None:
    """Who saved the file and how many initiatives were in it."""
    audit.record(
        PUBLISHED, municipality, by=by, municipality_id=municipality.pk, after={"rows": rows}
    )
