"""Dependencies: which initiative waits for which; a circle is refused, also between two people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Event, User
from roadmap.actions.parts import record_part
from roadmap.choices import Channel
from roadmap.models import Dependency, Initiative

ADDED = "dependency.added"
REMOVED = "dependency.removed"
RESTORED = "dependency.restored"

#: First key of the two-key advisory lock; the second is the municipality.
LOCK = 4104

#: The shortest way from where one would wait to where one waits: with the new arrow, a circle.
_WAY = """
WITH RECURSIVE way AS (
  SELECT d.successor_id AS at, ARRAY[d.predecessor_id, d.successor_id] AS path
    FROM roadmap_dependency d WHERE d.predecessor_id = %(begin)s
  UNION ALL
  SELECT d.successor_id, way.path || d.successor_id
    FROM way JOIN roadmap_dependency d ON d.predecessor_id = way.at
   WHERE way.at <> %(end)s
) CYCLE at SET seen USING trail
SELECT path FROM way WHERE at = %(end)s AND NOT seen ORDER BY cardinality(path) LIMIT 1
"""


class CircleRefused(ValidationError):
    """The new dependency would close a circle; its message names every initiative in it."""

    def __init__(self, titles: Sequence[str]) -> None:
        """`titles`: round the circle, the first one again at the end."""
        self.titles = list(titles)
        circle = " → ".join(gettext("“%(title)s”") % {"title": title} for title in titles)
        super().__init__(
            _(
                "These would wait for each other in a circle: %(circle)s."
                " Remove one of these dependencies first."
            ),
            code="circle",
            params={"circle": circle},
        )


@transaction.atomic
def add_dependency(
    predecessor: Initiative,
    successor: Initiative,
    *,
    by: User | None,
    note: str = "",
    channel: str = Channel.SCREEN,
) -> Dependency:
    """Let `successor` wait for `predecessor`; the same one is there once.

    One at a time in a municipality, so that two people cannot close a circle between them. Raises
    ValidationError for itself and for another municipality, CircleRefused for a circle.
    """
    if predecessor.pk == successor.pk:
        raise ValidationError(_("An initiative cannot wait for itself. Choose another one."))
    if predecessor.municipality_id != successor.municipality_id:
        raise ValidationError(_("Choose an initiative of your municipality."))
    _one_at_a_time(predecessor.municipality_id)
    found = Dependency.objects.filter(predecessor=predecessor, successor=successor).first()
    if found is not None:
        return found
    _refuse_circle(predecessor, successor)
    made = Dependency.objects.create(predecessor=predecessor, successor=successor, note=note)
    _record(ADDED, made, by, channel, after=_facts(made))
    return made


@transaction.atomic
def remove_dependency(
    dependency: Dependency, *, by: User | None, channel: str = Channel.SCREEN
) -> dict[int, Event]:
    """Take it away at both ends; key of each end → its event, which serves `restore_dependency`.

    Empty where it was gone already.
    """
    _one_at_a_time(dependency.predecessor.municipality_id)
    deleted, _tables = Dependency.objects.filter(pk=dependency.pk).delete()
    if not deleted:
        return {}
    return _record(REMOVED, dependency, by, channel, before=_facts(dependency))


@transaction.atomic
def restore_dependency(
    event: Event, *, by: User | None, channel: str = Channel.SCREEN
) -> Dependency:
    """Bring back what was removed. Raises CircleRefused where that closes a circle by now."""
    if event.action != REMOVED:
        raise ValueError(f"{event} removed no dependency")
    rows = Initiative.objects.filter(municipality_id=event.municipality_id or 0).standing()
    ends = rows.in_bulk([event.before["predecessor"], event.before["successor"]])
    if len(ends) < 2:
        raise ValidationError(_("One of the two initiatives was removed meanwhile."))
    predecessor, successor = (ends[event.before[end]] for end in ("predecessor", "successor"))
    _one_at_a_time(predecessor.municipality_id)
    found = Dependency.objects.filter(predecessor=predecessor, successor=successor).first()
    if found is not None:
        return found
    _refuse_circle(predecessor, successor)
    made = Dependency.objects.create(
        predecessor=predecessor, successor=successor, note=event.before.get("note") or ""
    )
    _record(RESTORED, made, by, channel, after=_facts(made))
    return made


def _one_at_a_time(municipality_id: int) -> None:
    """Until the transaction ends nobody else here changes dependencies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, municipality_id])


def _refuse_circle(predecessor: Initiative, successor: Initiative) -> None:
    """The lock is held: what is read now is what stands."""
    with connection.cursor() as cursor:
        cursor.execute(_WAY, {"begin": successor.pk, "end": predecessor.pk})
        row = cursor.fetchone()
    if row is None:
        return
    titles = dict(Initiative.objects.filter(pk__in=row[0]).values_list("pk", "title"))
    raise CircleRefused([titles[pk] for pk in (*row[0], row[0][0])])


def _record(
    action: str,
    dependency: Dependency,
    by: User | None,
    channel: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> dict[int, Event]:
    """One event in the history of each end."""
    return {
        end.pk: record_part(
            action, end, dependency, by=by, channel=channel, before=before, after=after
        )
        for end in (dependency.predecessor, dependency.successor)
    }


def _facts(dependency: Dependency) -> dict[str, Any]:
    return {
        "predecessor": dependency.predecessor_id,
        "successor": dependency.successor_id,
        "note": dependency.note,
    }
