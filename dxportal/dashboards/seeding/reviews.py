"""The DX office looks at evidence; figures of criteria come in by hand, by file, by key."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from random import Random

from dxportal.accounts.actions.import_jobs import confirm_import, start_import
from dxportal.accounts.choices import ImportKind, ImportState
from dxportal.dashboards.seeding.organisation import Section, Town
from dxportal.dashboards.seeding.timeline import Timeline
from dxportal.shared.workdays import on_or_after
from roadmap.actions.evidence import accept_evidence, ask_back, ask_for_evidence
from roadmap.actions.feed_keys import make_key, note_use
from roadmap.actions.readings import enter_readings
from roadmap.choices import Channel, CriterionSource, Level
from roadmap.evidence_queue import to_review
from roadmap.models import Assessment, Criterion
from roadmap.reading_rows import Figure

#: What is left over in the queue of the office on the last day.
LEFT_OVER = 12
LOOKED_AT = 12
ASKED_BACK_AGO, ASKED_AGO = 6, 9
#: Figures by hand, by file, from a system: days ago.
BY_HAND, BY_FILE, BY_SYSTEM = 200, 100, 20


def plan_reviews(town: Town, timeline: Timeline) -> None:
    """Put them on the timeline; figures where the staircase of that day asks for any."""
    ago = town.plan.calendar.ago
    timeline.on(ago(LOOKED_AT), lambda: _accept(town, ago(LOOKED_AT)), hour=14)
    timeline.on(ago(ASKED_BACK_AGO), lambda: _ask_back(town, ago(ASKED_BACK_AGO)), hour=15)
    timeline.on(ago(ASKED_AGO), lambda: _ask(town, ago(ASKED_AGO)), hour=15)
    timeline.on(ago(BY_HAND), lambda: _by_hand(town, ago(BY_HAND)), hour=16)
    timeline.on(ago(BY_FILE), lambda: _by_file(town, ago(BY_FILE)), hour=16)
    timeline.on(ago(BY_SYSTEM), lambda: _by_system(town, ago(BY_SYSTEM)), hour=3)


def _accept(town: Town, day: dt.date) -> None:
    """Everything but the newest."""
    rows = list(to_review(town.dx, day))
    accept_evidence(rows[:-LEFT_OVER], by=town.dx, today=day)


def _due(day: dt.date, days: int) -> dt.date:
    return on_or_after(day + dt.timedelta(days=days))


def _first(town: Town, place: int) -> Section:
    sections = list(town.sections.values())
    return sections[place % len(sections)]


def _ask_back(town: Town, day: dt.date) -> None:
    """The first head's newest firm confirmation."""
    section = _first(town, 0)
    newest = Assessment.objects.filter(department=section.department).latest_on(day)
    rows = newest.select_related("criterion__stage", "department__municipality")
    firm = [row for row in rows if row.level == Level.FIRM]
    if firm:
        ask_back(
            max(firm, key=lambda row: (row.confirmed_on, row.pk)),
            text="一覧のどの文書か分かりませんでした。文書名と保管場所を書いてください。",
            due_on=_due(day, 10),
            by=town.dx,
            today=day,
        )


def _ask(town: Town, day: dt.date) -> None:
    """A criterion that the second head has not made firm yet, and one whose day has passed."""
    for place, days in ((0, 14), (1, 5)):
        section = _first(town, place)
        rows = Assessment.objects.filter(department=section.department).latest_on(day)
        known = {row.criterion_id: row.level for row in rows}
        criteria = Criterion.objects.in_force().select_related("stage")
        own = criteria.filter(
            stage__municipality=town.municipality, source=CriterionSource.DECLARED
        ).order_by("-stage__axis", "order")
        wanted = next((one for one in own if known.get(one.pk, 0) < Level.FIRM), None)
        if wanted is not None:
            ask_for_evidence(
                section.department,
                wanted,
                text="進んだところがあれば、根拠となる文書を書いて確認してください。",
                due_on=_due(day, days),
                by=town.dx,
                today=day,
            )


def _fed(town: Town) -> list[Criterion]:
    rows = Criterion.objects.in_force().filter(source=CriterionSource.INDICATOR)
    return list(rows.filter(stage__municipality=town.municipality).order_by("order"))


def _value(section: Section, day: dt.date) -> Decimal:
    """A plausible share that grows over the year; the same each time."""
    random = Random(f"{section.department.code} {day}")  # noqa: S311 - invented data
    base = 20 + 12 * section.plan.technology.after + random.randint(-6, 10)
    return Decimal(min(97, max(3, base))) + Decimal(random.randint(0, 9)) / 10


def _by_hand(town: Town, day: dt.date) -> None:
    """The office types the first figures."""
    figures = [
        Figure(criterion.pk, section.department.pk, day, _value(section, day), "電子申請の月報")
        for criterion in _fed(town)
        for section in town.sections.values()
        if section.department.valid_from <= day
    ]
    enter_readings(town.municipality, figures, by=town.dx, today=day)


def _by_file(town: Town, day: dt.date) -> None:
    """A table from the accounting of the online forms, read and confirmed as on screen."""
    lines = ["所属コード,測定日,基準コード,値,出典"]
    lines += [
        f"{section.department.code},{day},{criterion.code},{_value(section, day)},集計表"
        for criterion in _fed(town)
        for section in town.sections.values()
        if section.department.valid_from <= day
    ]
    if len(lines) == 1:
        return
    job = start_import(
        ImportKind.READINGS,
        name="電子申請の利用率.csv",
        content="\n".join(lines).encode(),
        by=town.dx,
        municipality=town.municipality,
        as_of=day,
    )
    if job.state == ImportState.PREVIEW:
        confirm_import(job, sha256=job.sha256, fingerprint=job.preview["fingerprint"], by=town.dx)


def _by_system(town: Town, day: dt.date) -> None:
    """Half of the sections are sent by the system of the online forms, with a key of its own."""
    key, _text = make_key(town.municipality, name="電子申請システム", by=town.dx)
    figures = [
        Figure(criterion.pk, section.department.pk, day, _value(section, day))
        for criterion in _fed(town)
        for place, section in enumerate(town.sections.values())
        if place % 2 == 0 and section.department.valid_from <= day
    ]
    if figures:
        written = enter_readings(
            town.municipality, figures, by=None, today=day, channel=Channel.API, key=key
        )
        note_use(key, written, on=day)
