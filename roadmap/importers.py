"""What a table of initiatives would change: the same row again changes nothing."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from django.utils.translation import gettext_lazy as _

from dxportal.accounts.import_plan import Choices, Outcome, Plan, chosen_rows, has_several_origins
from dxportal.accounts.models import Municipality
from dxportal.accounts.staff_importer import chunks
from dxportal.shared.tables import Table
from roadmap.choices import Channel, DepartmentRole, Phase, Progress
from roadmap.import_drafts import Draft, Drafter
from roadmap.import_places import Office
from roadmap.import_rows import InitiativeRow, parse_initiatives
from roadmap.import_words import Meaning, word_key
from roadmap.models import Initiative, InitiativeDepartment, StatusWord, Update

CHUNK: Final = 2_000
#: (lead, text): lead -1 stands for any, text None for whatever it says.
_Key: TypeAlias = tuple[int | None, str | None]
HEADINGS = (
    _("title"),
    _("origin of the import"),
    _("lead department"),
    _("target (fiscal year)"),
    _("progress"),
    _("note"),
)
_NAMES: Final = {
    "title": _("title"),
    "purpose": _("purpose"),
    "kind": _("kind"),
    "beneficiaries": _("for whom"),
    "accountable_post_id": _("accountable post"),
    "contact_id": _("person in charge"),
    "start_fy": _("start (fiscal year)"),
    "target_fy": _("target (fiscal year)"),
    "target_text": _("target in words"),
    "budget": _("budget"),
    "source": _("source"),
    "origin": _("origin of the import"),
    "extra": _("further columns of the import"),
    "lead": _("lead department"),
    "partners": _("partner department"),
    "status": _("update"),
}


@dataclass(slots=True)
class InitiativeChange:
    """One initiative to be written. ``pk`` None: a new one; ``columns`` only what differs."""

    draft: Draft
    pk: int | None
    columns: dict[str, Any]
    lead: int | None
    partners: tuple[int, ...]
    reports: bool
    phase: str
    before: dict[str, Any]
    version: int = 0
    is_launched: bool = False
    latest: Update | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """An initiative that exists, as far as finding it needs."""

    pk: int
    lead: int | None
    text: str  # what the table said of the lead


@dataclass
class InitiativePlan(Plan[InitiativeChange]):
    """The plan, and the words that it would teach the municipality."""

    words: tuple[tuple[str, Meaning], ...] = ()
    names: Mapping[int, str] = ()  # type: ignore[assignment]


def plan_initiatives(table: Table, municipality: Municipality, choices: Choices) -> InitiativePlan:
    """Compare a table with the initiatives; a constant number of queries per 2,000 rows."""
    parsed = parse_initiatives(table, choices.columns)
    plan: InitiativePlan = InitiativePlan.of(parsed, table, HEADINGS)  # type: ignore[assignment]
    rows = chosen_rows(plan, parsed, choices)
    parsed.rows = []  # the list is emptied while it is read: a row and its draft are one too many
    office = Office(municipality, choices.as_of)
    by_origin = choices.all_origins and has_several_origins(parsed.origins)
    drafter = Drafter(parsed, office, known_words(municipality), by_origin)
    drafts = list(_drafted(rows, drafter))
    drafter.finish()
    plan.names = office.names
    plan.words = tuple(
        (text, drafter.usual.get(key, Meaning())) for key, text in drafter.new_words.items()
    )
    plan.facts["unmapped_words"] = sum(1 for _text, meaning in plan.words if not meaning)
    _Planner(plan, municipality, office).take(drafts)
    return plan


def _drafted(rows: list[InitiativeRow], drafter: Drafter) -> Iterator[Draft]:
    """The drafts of rows, which leave the list one by one."""
    rows.reverse()
    while rows:
        draft = drafter.draft(rows.pop())
        if draft is not None:
            yield draft


def known_words(municipality: Municipality) -> dict[str, Meaning]:
    """The municipality's words by their key, also those without a meaning yet."""
    words = StatusWord.objects.filter(municipality=municipality)
    return {
        word_key(word): Meaning(phase, progress)
        for word, phase, progress in words.values_list("word", "phase", "progress")
    }


class _Planner:
    """Finds for each draft the initiative that it means, then compares in chunks."""

    def __init__(self, plan: InitiativePlan, municipality: Municipality, office: Office) -> None:
        self.plan, self.municipality, self.office = plan, municipality, office

    def take(self, drafts: list[Draft]) -> None:
        """All drafts, in the order of the file."""
        matches = match(drafts, self._known())
        pairs = zip(drafts, matches, strict=True)
        for chunk in chunks(pairs, CHUNK):
            self._compare(chunk)

    def _known(self) -> dict[tuple[str, str], list[_Known]]:
        """Initiatives by title and origin, oldest first: two queries."""
        parts = InitiativeDepartment.objects.filter(
            initiative__municipality=self.municipality, role=DepartmentRole.LEAD
        )
        leads = dict(parts.values_list("initiative_id", "department_id"))
        standing = Initiative.objects.standing()
        rows = standing.filter(municipality=self.municipality).order_by("pk")
        found: dict[tuple[str, str], list[_Known]] = defaultdict(list)
        heading = self.plan.columns.get("department", "")
        columns = ("pk", "title", "origin", "extra")
        for pk, title, origin, extra in rows.values_list(*columns).iterator(CHUNK):
            lead = leads.get(pk)
            found[title, origin].append(_Known(pk, lead, extra.get(heading, "")))
        return found

    def _compare(self, pairs: Sequence[tuple[Draft, int | None]]) -> None:
        """One chunk: what exists is read with its parts and reports in three queries."""
        keys = [pk for _draft, pk in pairs if pk is not None]
        existing = Initiative.objects.in_bulk(keys)
        parts: dict[int, dict[int, str]] = defaultdict(dict)
        for part in InitiativeDepartment.objects.filter(initiative__in=keys):
            parts[part.initiative_id][part.department_id] = part.role
        latest, imported = newest_updates(keys)
        for draft, pk in pairs:
            if pk is None:
                self._add(draft, self._new(draft))
                continue
            change = self._change(draft, existing[pk], parts[pk])
            self._report(change, latest.get(pk), imported.get(pk))
            self._add(draft, change)

    def _new(self, draft: Draft) -> InitiativeChange:
        phase = draft.meaning.phase or Phase.IDEA
        lead, partners = draft.lead, draft.partners
        draft.columns["extra"] = draft.extra
        return InitiativeChange(draft, None, draft.columns, lead, partners, True, phase, {})

    def _change(
        self, draft: Draft, found: Initiative, parts: Mapping[int, str]
    ) -> InitiativeChange:
        """What the file says and differs; empty cells leave what is there."""
        columns = {
            name: value for name, value in draft.columns.items() if getattr(found, name) != value
        }
        extra = self._extra(draft, found)
        if extra != found.extra:
            columns["extra"] = extra
        lead_now = next((pk for pk, role in parts.items() if role == DepartmentRole.LEAD), None)
        lead = draft.lead if draft.lead != lead_now else None
        partners = tuple(pk for pk in draft.partners if parts.get(pk) != DepartmentRole.PARTNER)
        before = {name: getattr(found, name) for name in columns}
        if lead is not None:
            before["lead"] = lead_now
        if partners:
            now = [pk for pk, role in parts.items() if role == DepartmentRole.PARTNER]
            before["partners"] = sorted(now)
        change = InitiativeChange(draft, found.pk, columns, lead, partners, False, "", before)
        change.version, change.is_launched = found.version, found.launched_on is not None
        return change

    def _extra(self, draft: Draft, found: Initiative) -> dict[str, str]:
        """What was kept, with what the file keeps; a department that is now known leaves it."""
        merged = {**found.extra, **draft.extra}
        heading = self.plan.columns.get("department", "")
        if draft.lead is not None and heading not in draft.extra:
            merged.pop(heading, None)
        return merged

    def _report(
        self, change: InitiativeChange, latest: Update | None, imported: Update | None
    ) -> None:
        """A new report where the file says something else than the last import and the status."""
        draft = change.draft
        phase = draft.meaning.phase or (latest.phase if latest else Phase.IDEA)
        wanted = (draft.meaning, draft.note, draft.cause, draft.next_step)
        if latest is None:
            change.reports = True
        elif draft.says_status:
            said = [update for update in (latest, imported) if update is not None]
            change.reports = all(_said(update, draft) != wanted for update in said)
        change.phase = phase
        change.latest = latest

    def _add(self, draft: Draft, change: InitiativeChange) -> None:
        """Count it, and keep it where something is to be written."""
        names = [_NAMES[name] for name in change.columns]
        names += [_NAMES[name] for name in ("lead", "partners") if getattr(change, name)]
        names += [_NAMES["status"]] if change.reports else []
        is_new = change.pk is None
        outcome = Outcome.CREATED if is_new else Outcome.CHANGED if names else Outcome.UNCHANGED
        if names:
            self.plan.changes.append(change)
        self.plan.add(draft.number, outcome, lambda: self._cells(draft), [] if is_new else names)

    def _cells(self, draft: Draft) -> tuple[str, ...]:
        """An initiative as the preview shows it."""
        meaning, lead = draft.meaning, draft.lead
        words = [
            str(Phase(meaning.phase).label) if meaning.phase else "",
            str(Progress(meaning.progress).label) if meaning.progress else "",
        ]
        return (
            draft.columns["title"],
            draft.origin,
            self.office.names.get(lead, "") if lead else "",
            str(draft.columns.get("target_fy", "")),
            "・".join(word for word in words if word),
            draft.note,
        )


def _said(update: Update, draft: Draft) -> tuple[Meaning, str, str, str]:
    """What a report says, as far as the draft speaks of it."""
    phase = update.phase if draft.meaning.phase else ""
    progress = update.progress if draft.meaning.progress else ""
    note = update.note if draft.note else ""
    cause = update.cause if draft.cause else ""
    return Meaning(phase, progress), note, cause, update.next_step if draft.next_step else ""


def newest_updates(keys: Sequence[int]) -> tuple[dict[int, Update], dict[int, Update]]:
    """The latest report of each initiative, and the latest that an import wrote: one query."""
    latest: dict[int, Update] = {}
    imported: dict[int, Update] = {}
    for update in Update.objects.filter(initiative__in=keys).order_by("id"):
        latest[update.initiative_id] = update
        if update.channel == Channel.IMPORT:
            imported[update.initiative_id] = update
    return latest, imported


def match(
    drafts: Sequence[Draft], known: Mapping[tuple[str, str], list[_Known]]
) -> list[int | None]:
    """For each draft the initiative that it means, or None for a new one; each is meant once.

    Same title and origin, and: the same lead or the same text for it; else one side does not
    know the lead. Several alike are taken in their order.
    """
    found: list[int | None] = [None] * len(drafts)
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, draft in enumerate(drafts):
        key = (draft.columns["title"], draft.columns.get("origin", ""))
        if key in known:
            groups[key].append(index)
    for key, indexes in groups.items():
        free = _Free(known[key])
        for wanted in (_same, _less_known):
            for index in indexes:
                if found[index] is None:
                    found[index] = free.take(wanted(drafts[index]))
    return found


class _Free:
    """Initiatives of one title that no row means yet, by what is known of their lead."""

    def __init__(self, known: Sequence[_Known]) -> None:
        self.by_key: dict[_Key, deque[int]] = defaultdict(deque)
        self.used: set[int] = set()
        for one in known:
            keys = {(one.lead, None), (one.lead and -1, one.text), (one.lead and -1, None)}
            for key in keys:
                self.by_key[key].append(one.pk)

    def take(self, keys: Sequence[_Key]) -> int | None:
        """The oldest one under the first key that has any."""
        for key in keys:
            waiting = self.by_key.get(key, deque())
            while waiting:
                pk = waiting.popleft()
                if pk not in self.used:
                    self.used.add(pk)
                    return pk
        return None


def _same(draft: Draft) -> Sequence[_Key]:
    """The same lead; where there is none, the same text."""
    if draft.lead is not None:
        return [(draft.lead, None)]
    return [(None, draft.department)]


def _less_known(draft: Draft) -> Sequence[_Key]:
    """One side does not know the lead: the other has the same text, or none."""
    text = draft.department
    if draft.lead is not None:
        return [(None, text), (None, "")]
    return [(-1, text)] if text else [(-1, None), (None, None)]
