"""Declare the cross tables of a survey, and take them back; others are never made."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from dxportal.accounts.audit import record
from dxportal.accounts.models import User
from surveys.actions.designing import DesignRefused, bump, hold
from surveys.models import CrossPair, Question, Survey


@transaction.atomic
def add_cross(
    survey: Survey, rows: Question, columns: Question, *, version: int, by: User | None
) -> CrossPair:
    """Declare a cross table; the same two questions make one only, either way round."""
    held = hold(survey, version)
    if rows.pk == columns.pk:
        raise DesignRefused(_("Choose two different questions."))
    pairs = {frozenset((pair.rows_id, pair.columns_id)) for pair in held.cross_pairs.all()}
    if frozenset((rows.pk, columns.pk)) in pairs:
        raise DesignRefused(_("This cross table is declared already."))
    pair = CrossPair.objects.create(survey=held, rows=rows, columns=columns)
    bump(held)
    record("survey.cross_added", held, by=by, after={"cross": f"{rows.text} × {columns.text}"})
    return pair


@transaction.atomic
def remove_cross(pair: CrossPair, *, version: int, by: User | None) -> None:
    """No longer make this cross table."""
    held = hold(pair.survey, version)
    cross = f"{pair.rows.text} × {pair.columns.text}"
    pair.delete()
    bump(held)
    record("survey.cross_removed", held, by=by, before={"cross": cross})
