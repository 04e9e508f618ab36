"""That somebody took the audit trail away leaves a trace too."""

from collections.abc import Mapping

from dxportal.accounts.audit import record
from dxportal.accounts.models import Municipality, User


def record_export(municipality: Municipality, *, by: User, filters: Mapping[str, object]) -> None:
    """Who exported which part."""
    given = {name: value for name, value in filters.items() if value}
    record("events.exported", municipality, by=by, municipality_id=municipality.pk, after=given)
