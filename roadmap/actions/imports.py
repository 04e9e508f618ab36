"""Writing what a table of initiatives changes: set-based, inside one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.db import transaction

from dxportal.accounts.actions.imports import silent, write_events
from dxportal.accounts.audit import event_row
from dxportal.accounts.import_plan import Tell
from dxportal.accounts.models import Event, Municipality, User
from dxportal.accounts.staff_importer import chunks
from dxportal.shared.bulk import copy_in
from roadmap import marks
from roadmap.actions.initiatives import CREATED, EDITED
from roadmap.actions.stopping import settle_freed_time
from roadmap.actions.task_rows import follow_stops
from roadmap.actions.updates import REPORTED, keep_ended
from roadmap.choices import Channel, DepartmentRole, Phase
from roadmap.importers import InitiativeChange, InitiativePlan
from roadmap.models import Initiative, InitiativeDepartment, StatusWord, Theme, Update
from roadmap.search import fold_all

BATCH: Final = 1_000
#: From here on everything is counted again instead of each initiative.
MANY: Final = 500
_KEYS: Final = {"accountable_post_id": "accountable_post", "contact_id": "contact"}


@transaction.atomic
def apply_initiatives(
    plan: InitiativePlan,
    *,
    municipality: Municipality,
    as_of: dt.date,
    by: User | None,
    channel: str = Channel.IMPORT,
    tell: Tell = silent,
) -> None:
    """Write initiatives, their departments, first reports, words, events and marks."""
    if not plan.has_changes:
        return
    _teach(plan, municipality)
    touched: set[int] = set()
    departments: set[int] = set()
    done = 0
    for part in chunks(plan.changes, BATCH):
        writer = _Writer(plan.names, municipality, as_of, by, channel)
        written = writer.write(part)
        touched.update(initiative.pk for initiative in written)
        departments |= writer.departments
        done += len(part)
        tell(done, len(plan.changes))
    if len(touched) > MANY:
        marks.mark(municipality.pk, marks.ALL)
        return
    marks.mark(municipality.pk, marks.INITIATIVE, touched)
    marks.mark(municipality.pk, marks.DEPARTMENT, departments)


def _teach(plan: InitiativePlan, municipality: Municipality) -> None:
    """Words that are new stand on the mapping screen from now on."""
    StatusWord.objects.bulk_create(
        (
            StatusWord(
                municipality=municipality,
                word=text,
                phase=meaning.phase,
                progress=meaning.progress,
            )
            for text, meaning in plan.words
        ),
        BATCH,
        ignore_conflicts=True,
    )


class _Writer:
    """One batch: a constant number of statements."""

    def __init__(
        self,
        names: Mapping[int, str],
        municipality: Municipality,
        as_of: dt.date,
        by: User | None,
        channel: str,
    ) -> None:
        self.names, self.municipality, self.as_of = names, municipality, as_of
        self.by, self.channel = by, channel
        self.departments: set[int] = set()

    def write(self, changes: Sequence[InitiativeChange]) -> list[Initiative]:
        """New ones, changed ones, parts, reports, history."""
        new = [change for change in changes if change.pk is None]
        old = [change for change in changes if change.pk is not None]
        made = [self._new(change) for change in new]
        copy_in(made)
        found = self._changed(old)
        pairs = [*zip(new, made, strict=True), *((c, found[c.pk or 0]) for c in old)]
        self._parts(pairs)
        reports = [
            (initiative, self._update(c, initiative), c.latest)
            for c, initiative in pairs
            if c.reports
        ]
        copy_in([update for _initiative, update, _latest in reports])
        settle_freed_time(reports, by=self.by)
        known = set(found)
        follow_stops([update for _i, update, _latest in reports if update.initiative_id in known])
        write_events(self._events(pairs))
        return [initiative for _change, initiative in pairs]

    def _new(self, change: InitiativeChange) -> Initiative:
        launched = self.as_of if change.phase == Phase.LIVE else None
        made = Initiative(municipality=self.municipality, launched_on=launched, **change.columns)
        names = [self.names.get(pk, "") for pk in (change.lead, *change.partners) if pk]
        made.search_text = fold_all([made.title, made.purpose, *names])
        return made

    def _changed(self, changes: Sequence[InitiativeChange]) -> dict[int, Initiative]:
        """Changed ones in one statement: an upsert is many times faster than CASE … WHEN."""
        keys = [change.pk for change in changes if change.pk is not None]
        found = Initiative.objects.order_by("pk").select_for_update(no_key=True).in_bulk(keys)
        searched = searched_names(keys)
        fields = {"version", "search_text", "launched_on"}
        for change in changes:
            initiative = found[change.pk or 0]
            for name, value in change.columns.items():
                setattr(initiative, name, value)
                fields.add(_KEYS.get(name, name))
            if change.reports and change.phase == Phase.LIVE and not initiative.launched_on:
                initiative.launched_on = self.as_of
            if change.before or change.partners:
                initiative.version += 1
            names = [self.names.get(pk, "") for pk in (change.lead, *change.partners) if pk]
            texts = [initiative.title, initiative.purpose, *searched.get(initiative.pk, [])]
            initiative.search_text = fold_all(dict.fromkeys([*texts, *names]))
        if found:
            Initiative.objects.bulk_create(
                found.values(),
                update_conflicts=True,
                unique_fields=["id"],
                update_fields=sorted(fields),
            )
        return found

    def _parts(self, pairs: Sequence[tuple[InitiativeChange, Initiative]]) -> None:
        """Lead and partner departments; a new lead takes the place of the old one."""
        led = [i.pk for change, i in pairs if change.lead and change.pk is not None]
        gone = InitiativeDepartment.objects.filter(initiative__in=led, role=DepartmentRole.LEAD)
        self.departments.update(gone.values_list("department_id", flat=True))
        gone.delete()
        rows = []
        for change, initiative in pairs:
            roles = [(change.lead, DepartmentRole.LEAD)] if change.lead else []
            roles += [(pk, DepartmentRole.PARTNER) for pk in change.partners]
            for department, role in roles:
                part = InitiativeDepartment(initiative=initiative, role=role)
                part.department_id = department or 0
                rows.append(part)
                self.departments.add(department or 0)
        if led or any(change.pk is not None for change, _initiative in pairs):
            InitiativeDepartment.objects.bulk_create(rows, ignore_conflicts=True)
        else:
            copy_in(rows)

    def _update(self, change: InitiativeChange, initiative: Initiative) -> Update:
        """The report of the file; without a known status it is none of the owner's."""
        draft = change.draft
        update = Update(
            initiative=initiative,
            phase=change.phase,
            progress=draft.meaning.progress,
            note=draft.note,
            cause=draft.cause,
            next_step=draft.next_step,
            reported_on=self.as_of,
            by=self.by,
            channel=Channel.IMPORT,
            is_report=bool(draft.meaning),
        )
        keep_ended(update, change.latest)
        return update

    def _events(self, pairs: Sequence[tuple[InitiativeChange, Initiative]]) -> Iterator[Event]:
        """What the history keeps, in the words of the actions for single initiatives."""
        for change, initiative in pairs:
            if change.pk is None:
                after = {**_filled(change), "version": 1}
                yield self._event(CREATED, initiative, {}, after)
            elif change.before or change.partners:
                before = {_KEYS.get(n, n): value for n, value in change.before.items()}
                before["version"] = initiative.version - 1
                after = {**_filled(change), "version": initiative.version}
                yield self._event(EDITED, initiative, before, after)
            if change.reports:
                draft = change.draft
                after = {"phase": change.phase, "progress": draft.meaning.progress}
                yield self._event(REPORTED, initiative, {}, {**after, "note": draft.note})

    def _event(
        self, action: str, initiative: Initiative, before: dict[str, Any], after: dict[str, Any]
    ) -> Event:
        return event_row(
            action,
            initiative,
            by=self.by,
            channel=self.channel,
            municipality_id=self.municipality.pk,
            before=before,
            after=after,
        )


def _filled(change: InitiativeChange) -> dict[str, Any]:
    """What the file filled in, as the history keeps it."""
    after = {_KEYS.get(name, name): value for name, value in change.columns.items()}
    if change.lead:
        after["lead"] = change.lead
    if change.partners:
        after["partners"] = sorted({*change.partners, *change.before.get("partners", ())})
    return after


def searched_names(keys: Sequence[int]) -> dict[int, list[str]]:
    """Names of departments and themes in which initiatives are searched: two queries."""
    found: dict[int, list[str]] = {}
    parts = InitiativeDepartment.objects.filter(initiative__in=keys)
    for pk, name in parts.values_list("initiative_id", "department__name"):
        found.setdefault(pk, []).append(name)
    themes = Theme.objects.filter(initiative_links__initiative__in=keys)
    for pk, label in themes.values_list("initiative_links__initiative_id", "label"):
        found.setdefault(pk, []).append(label)
    return found
