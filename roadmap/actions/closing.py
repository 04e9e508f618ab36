"""Closing a round: the rows, the files and the state in one transaction, and then never again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from dxportal.accounts import audit
from dxportal.accounts.models import User
from roadmap.actions.rounds import RoundRefused, locked_round
from roadmap.choices import ReturnState, RoundState
from roadmap.models import ReportingRound, RoundFile, RoundReturn, RoundSnapshot
from roadmap.rollups import keep_round
from roadmap.round_files import files
from roadmap.round_snapshots import lock_initiatives, snapshots

CLOSED = "round.closed"
_MISSING = (ReturnState.FILLING, ReturnState.RETURNED)


class MoreMissing(Exception):
    """Departments that were not named before confirming are missing now; nothing was written."""


@transaction.atomic
def close_round(
    found: ReportingRound, *, by: User, named: Collection[int], now: dt.datetime
) -> ReportingRound:
    """Keep every initiative as it stands at this moment; a closed round is left as it is.

    `named`: departments that the person was told would be recorded as missing; raises MoreMissing
    where there are others. A fixed number of statements, whatever the number of initiatives.
    """
    row = locked_round(found.pk)
    if row.state == RoundState.CLOSED:
        return row
    if row.state != RoundState.OPEN:
        raise RoundRefused(_("“%(round)s” is not open.") % {"round": row})
    returns = list(row.returns.select_for_update(of=("self",)).in_order())
    missing = [one for one in returns if one.state in _MISSING]
    if {one.department_id for one in missing} - set(named):
        raise MoreMissing
    day = timezone.localdate(now)
    with translation.override(settings.LANGUAGE_CODE):
        rows = _keep(row, returns, by=by, day=day)
    keep_round(row.municipality_id, row.pk, as_of=day)
    row.state, row.closed_at, row.closed_by, row.as_of = RoundState.CLOSED, now, by, day
    row.version += 1
    row.save()
    after = {
        "state": row.state,
        "as_of": day,
        "initiatives": len(rows),
        "missing": [one.department.name for one in missing],
    }
    audit.record(CLOSED, row, by=by, before={"state": RoundState.OPEN}, after=after)
    return row


def _keep(
    row: ReportingRound, returns: list[RoundReturn], *, by: User, day: dt.date
) -> list[RoundSnapshot]:
    """Write what is kept, in the municipality's language."""
    keys = lock_initiatives(row.municipality_id)
    made = snapshots(row, keys, by=by, day=day)
    RoundSnapshot.objects.bulk_create(made)
    RoundFile.objects.bulk_create(files(row, made, returns))
    return made
