"""The checks of `anonymity_audit`: what database and key folder hold, against the promise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from dxportal.accounts.models import User
from surveys.actions.closing import ENDED
from surveys.actions.tables import read_groups, read_rows, tables_hash
from surveys.choices import CLOSED, WaveState
from surveys.models import (
    CloseAudit,
    CrossTally,
    RawVoice,
    SealedBallot,
    SegmentGroup,
    Ticket,
    Wave,
    WaveEligibility,
)
from surveys.partition import Group, audit_cells, audit_groups

#: What no table beside answers may have (survey-anonymity, "Never stored").
FORBIDDEN = (
    "answered",
    "ip",
    "address",
    "agent",
    "session",
    "referrer",
    "language",
    "duration",
    "device",
    "email",
    "seen",
)
#: Tables with what somebody answered, in any form.
ANSWERS = ("sealedballot", "rawvoice", "celltally", "crosstally", "themeburden", "segmentgroup")
#: Who may answer, by name or by token: no time stands there, nor who did.
PEOPLE = ("waveeligibility", "ticket", "waveheadcount")
#: A wave may be due for this long before its rows count as left over.
GRACE = dt.timedelta(minutes=10)

Check = Callable[[dt.datetime], list[str]]


def run(now: dt.datetime) -> Iterator[tuple[str, list[str]]]:
    """Each check with what it found; nothing found is a pass."""
    checks: tuple[tuple[str, Check], ...] = (
        (_("no ballot, ticket or eligibility outlives its wave"), person_rows),
        (_("no raw text is older than its purge date"), purged_voices),
        (_("no key outlives its wave"), keys),
        (_("every published group has k people or more"), small_groups),
        (_("no combination of published groups gives fewer than k"), derived_groups),
        (_("no cell tells that all or nobody chose something"), derived_cells),
        (_("published tables are as they were at the close"), hashes),
        (_("no table of surveys has a column that it must not have"), columns),
    )
    for name, check in checks:
        yield name, check(now)


def person_rows(now: dt.datetime) -> list[str]:
    """Rows of people whose wave has ended, or should have."""
    waiting = Wave.objects.awaiting_release(now).values("pk")
    late = Q(wave__state__in=(WaveState.OPEN, WaveState.CLOSING), wave__closes_at__lt=now - GRACE)
    over = Q(wave__state__in=ENDED) | (late & ~Q(wave__in=waiting))
    found = []
    for table in (SealedBallot, Ticket, WaveEligibility):
        left = (
            table._default_manager.filter(over).values_list("wave_id").annotate(n=models.Count("*"))
        )
        found += [
            _("wave %(wave)s: %(n)s rows in %(table)s")
            % {"wave": wave, "n": n, "table": table._meta.db_table}
            for wave, n in left.order_by("wave_id")
        ]
    return found


def purged_voices(now: dt.datetime) -> list[str]:
    """Raw texts past their date."""
    late = RawVoice.objects.filter(purge_on__lt=timezone.localdate(now)).count()
    return [_("%s raw texts are past their date") % late] if late else []


def keys(now: dt.datetime) -> list[str]:
    """Key files of ended waves, and files of no wave at all."""
    folder = settings.KEY_DIR
    files = {path.stem for path in folder.iterdir()} if folder.is_dir() else set()
    living = set(
        Wave.objects.exclude(state__in=ENDED).exclude(key_id="").values_list("key_id", flat=True)
    )
    found = [_("a key is left over: %s") % stem for stem in sorted(files - living)]
    unsaid = Wave.objects.filter(state__in=ENDED, key_destroyed_at=None).exclude(key_id="")
    return found + [_("wave %s: its key is not destroyed") % wave.pk for wave in unsaid]


def small_groups(now: dt.datetime) -> list[str]:
    """Stored groups and cells of fewer people than the wave's threshold."""
    groups = SegmentGroup.objects.filter(n__lt=models.F("wave__k_cell"))
    crosses = CrossTally.objects.filter(n__lt=models.F("wave__k_cell"), n__gt=0)
    found = [
        _("wave %(wave)s: group %(key)s has %(n)s people")
        % {"wave": group.wave_id, "key": group.key, "n": group.n}
        for group in groups
    ]
    return found + [_("wave %s: a crossed cell is too small") % cell.wave_id for cell in crosses]


def derived_groups(now: dt.datetime) -> list[str]:
    """Linear algebra over what is stored: each group's answers stand for its own members.

    Who answered in which segment is gone, so groups without stored parts stand for themselves.
    """
    found = []
    for wave in Wave.objects.filter(state=WaveState.PUBLISHED, too_few=False):
        groups = read_groups(wave)
        sums = _sums_that_fail(groups, wave.k_cell)
        parents = {group.parent for group in groups}
        parts = {g.members[0]: g.n for g in groups if g.key not in parents and g.members}
        found += [
            f"{wave.pk}: {sentence}" for sentence in sums + audit_groups(groups, parts, wave.k_cell)
        ]
    return found + _sittings_that_fail()


def _sittings_that_fail() -> list[str]:
    """Blocks of one sitting count the same people: no set within another leaves 1 to k-1 over."""
    found = []
    for sitting in Wave.objects.filter(state=WaveState.PUBLISHED, several=True):
        sets = {(members, n) for members, n in _sets_of(sitting) if members}
        for inner, few in sets:
            for outer, many in sets:
                if inner < outer and 0 < many - few < sitting.k_cell:
                    found.append(
                        _("wave %(wave)s: two of its initiatives' groups leave %(n)s over")
                        % {"wave": sitting.pk, "n": many - few}
                    )
    return found


def _sets_of(sitting: Wave) -> Iterator[tuple[frozenset[str], int]]:
    """Segments of the sitting and the published number of their answers, over all blocks."""
    segments = frozenset(sitting.frozen_org.get("asks", {}))
    if sitting.counted is not None:
        yield segments, sitting.counted
    for block in sitting.blocks.filter(too_few=False):
        leaf_of = block.frozen_org["leaf_of"]
        for group in read_groups(block):
            inside = set(group.members)
            yield frozenset(s for s, leaf in leaf_of.items() if leaf in inside), group.n


def _sums_that_fail(groups: list[Group], k: int) -> list[str]:
    """Parents whose parts leave somebody over: a remainder is a group too."""
    found = []
    for parent in groups:
        parts = [group for group in groups if group.parent == parent.key]
        rest = parent.n - sum(group.n for group in parts)
        if parts and rest != 0:
            found.append(
                _("the parts of %(key)s leave %(n)s over") % {"key": parent.key, "n": rest}
            )
    return found


def derived_cells(now: dt.datetime) -> list[str]:
    """Intervals over options, groups and parents.

    Only of tables that are as they were at the close: intervals of numbers that contradict each
    other mean nothing, and the next check reports them.
    """
    found = []
    for wave in _intact(Wave.objects.filter(state=WaveState.PUBLISHED, too_few=False)):
        several = {
            question["code"]
            for question in wave.frozen_definition["questions"]
            if question["kind"] == "multiple"
        }
        sentences = audit_cells(read_groups(wave), read_rows(wave), wave.k_cell, multiple=several)
        found += [f"{wave.pk}: {sentence}" for sentence in sentences]
    return found


def _intact(waves: Iterable[Wave]) -> list[Wave]:
    written = dict(CloseAudit.objects.filter(step=CLOSED).values_list("wave_id", "tables_hash"))
    return [wave for wave in waves if written.get(wave.pk) == tables_hash(wave)]


def hashes(now: dt.datetime) -> list[str]:
    """Waves whose published rows differ from what closing wrote down."""
    closed = CloseAudit.objects.filter(step=CLOSED).select_related("wave")
    return [
        _("wave %s: published rows were changed after the close") % audit.wave_id
        for audit in closed
        if audit.tables_hash != tables_hash(audit.wave)
    ]


def columns(now: dt.datetime) -> list[str]:
    """Columns that could tie an answer to a person, a moment or a machine."""
    found = []
    for model in apps.get_app_config("surveys").get_models():
        name = model._meta.model_name or ""
        if name not in ANSWERS + PEOPLE:
            continue
        for column in model._meta.concrete_fields:
            words = set(column.attname.split("_"))
            timed = isinstance(column, models.DateTimeField | models.TimeField)
            person = name in ANSWERS and column.related_model is User
            if timed or person or words & set(FORBIDDEN):
                found.append(f"{model._meta.db_table}.{column.attname}")
    return found
