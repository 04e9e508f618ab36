"""The whole example municipality: organisation first, then a year of dated steps, then a count."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from random import Random

from django.contrib.auth.hashers import make_password
from django.db import connection
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from dxportal.accounts.audit import record
from dxportal.accounts.models import Event, Municipality, Outbox
from dxportal.celery import without_hints
from dxportal.dashboards.seeding.aftercare import plan_aftercare
from dxportal.dashboards.seeding.april import plan_next_april
from dxportal.dashboards.seeding.briefings import freeze_sheets
from dxportal.dashboards.seeding.criteria import plan_confirmations
from dxportal.dashboards.seeding.fields import plan_fields
from dxportal.dashboards.seeding.initiatives import plan_initiatives
from dxportal.dashboards.seeding.names import OFFICE
from dxportal.dashboards.seeding.organisation import (
    Numbers,
    Town,
    found_town,
    open_section,
    settle,
)
from dxportal.dashboards.seeding.packs import plan_packs
from dxportal.dashboards.seeding.parts import plan_parts
from dxportal.dashboards.seeding.plan import Calendar, SectionPlan, TownPlan, Track, draw_names
from dxportal.dashboards.seeding.plan import draw_town as _draw_town
from dxportal.dashboards.seeding.procedure import plan_procedure
from dxportal.dashboards.seeding.reminders import latest_digest_key, plan_reminders
from dxportal.dashboards.seeding.reviews import plan_reviews
from dxportal.dashboards.seeding.rounds import plan_rounds
from dxportal.dashboards.seeding.sharing import share_picture
from dxportal.dashboards.seeding.staircase import plan_staircase
from dxportal.dashboards.seeding.support import plan_support
from dxportal.dashboards.seeding.talk import plan_talk
from dxportal.dashboards.seeding.timeline import Timeline, clock_at, moment
from dxportal.dashboards.seeding.value import plan_value
from dxportal.dashboards.seeding.waves import Rounds
from dxportal.shared.fiscal import add_months
from roadmap.models import EvidenceRequest
from roadmap.rollups import roll_up
from surveys.actions.re_asking import plan_by_tasks
from surveys.models import Wave

SEEDED = "municipality.seeded"
EMPTY_STAFF = 14
NEW_SECTION_AGO = 60

Say = Callable[[str], object]


def is_seeded(municipality: Municipality) -> bool:
    """Whether a seed came to its end here."""
    return Event.objects.filter(municipality_id=municipality.pk, action=SEEDED).exists()


def domain_of(code: str) -> str:
    """Where the invented people have their mail; reserved names that lead nowhere."""
    return "mihon.example" if code == "999997" else f"m{code}.example"


def seed_town(
    *,
    code: str,
    name: str,
    sections: int,
    staff: int,
    initiatives: int,
    seed: int,
    password: str,
    as_of: dt.date,
    say: Say,
) -> Town:
    """Everything, through actions; the same seed and day give the same town."""
    random = Random(seed)  # noqa: S311 - invented data
    plan = _draw_town(random, as_of, sections=sections, staff=staff)
    timeline = Timeline(_end(as_of))
    with without_hints():
        town = _found(plan, code, name, password)
        with clock_at(moment(plan.calendar.founded)):
            numbers = settle(town, random)
        say(
            _("%(bureaus)d bureaus, %(sections)d sections, %(people)d people.")
            % {"bureaus": len(plan.bureaus), "sections": len(plan.sections), "people": staff}
        )
        rounds = Rounds(town, timeline, random)
        rounds.plan_pulses()
        plan_confirmations(town, timeline, random)
        stories = plan_initiatives(town, timeline, random, initiatives)
        plan_talk(town, timeline, stories)
        plan_aftercare(town, timeline, stories)
        plan_fields(town, timeline, stories)
        plan_parts(town, timeline, stories)
        plan_packs(town, timeline, stories, initiatives)
        rounds.plan_follow_ups(stories)
        plan_value(town, timeline, stories)
        plan_reviews(town, timeline)
        plan_reminders(town, timeline)
        rounds.plan_pain()
        plan_rounds(town, timeline)
        _plan_new_section(town, timeline, numbers, random)
        plan_next_april(town, timeline)
        plan_support(town, timeline, stories)
        plan_procedure(town, timeline)
        plan_staircase(town, timeline)
        _plan_counts(town, timeline, say)
        timeline.run()
        _finish(town, as_of)
        share_picture(town, as_of)
        freeze_sheets(town, _end(as_of))
    return town


def seed_empty(*, code: str, name: str, password: str, as_of: dt.date, seed: int) -> Town:
    """Accounts, and one section for them to work in; neither initiatives nor surveys."""
    random = Random(seed)  # noqa: S311 - invented data
    still = Track(0, 0)
    office = SectionPlan(OFFICE, "市長公室", EMPTY_STAFF, still, still)
    names = draw_names(random, EMPTY_STAFF + 10)
    plan = TownPlan(Calendar(as_of), [office.bureau], [office], OFFICE, OFFICE, names)
    with without_hints():
        town = _found(plan, code, name, password)
        with clock_at(moment(plan.calendar.founded)):
            settle(town, random)
        _finish(town, as_of)
    return town


def _found(plan: TownPlan, code: str, name: str, password: str) -> Town:
    with connection.cursor() as cursor:  # invented data: losing the last second is no loss
        cursor.execute("SET synchronous_commit = off")
    with clock_at(moment(plan.calendar.founded)):
        town = found_town(
            plan,
            code=code,
            name=name,
            domain=domain_of(code),
            encoded_password=make_password(password),
        )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('app.municipality', %s, false)", [str(town.municipality.pk)]
        )
    return town


def _end(as_of: dt.date) -> dt.datetime:
    """Now, where the seed ends today; else the evening of that day."""
    now = timezone.now()
    return now if as_of == timezone.localdate(now) else moment(as_of, 18)


def _plan_new_section(town: Town, timeline: Timeline, numbers: Numbers, random: Random) -> None:
    """One section begins so late that it stands nowhere yet."""
    for plan in town.plan.sections:
        if plan.late:
            day = town.plan.calendar.ago(NEW_SECTION_AGO)

            def begin(plan: SectionPlan = plan, day: dt.date = day) -> None:
                open_section(town, plan, numbers, random, on=day)

            timeline.on(day, begin, hour=8)


def _plan_counts(town: Town, timeline: Timeline, say: Say) -> None:
    """The figures of each past month, counted on its last evening."""
    calendar = town.plan.calendar
    first = calendar.start
    while (following := add_months(first, 1)) <= calendar.as_of:
        last = following - dt.timedelta(days=1)

        def count(last: dt.date = last) -> None:
            roll_up(town.municipality.pk, as_of=last, history=True)
            say(_("History up to %s.") % f"{last:%Y-%m}")

        timeline.on(last, count, hour=23, minute=30)
        first = following


def _finish(town: Town, as_of: dt.date) -> None:
    """Count the present, and let notices of the past have been read."""
    municipality = town.municipality
    open_now = Wave.objects.filter(survey__municipality=municipality, key_destroyed_at=None)
    waiting = [f"wave-{pk}-opened" for pk in open_now.values_list("pk", flat=True)]
    waiting.append(latest_digest_key(municipality.pk))
    asked = EvidenceRequest.objects.filter(department__municipality=municipality).open_on(as_of)
    waiting += [f"evidence-asked-{pk}" for pk in asked.values_list("pk", flat=True)]
    Outbox.objects.filter(municipality=municipality).exclude(key__in=waiting).update(
        read_at=F("not_before")
    )
    plan_by_tasks(as_of, municipality_id=municipality.pk)
    roll_up(municipality.pk, as_of=as_of, full=True)
    record(SEEDED, municipality, by=None, channel="command", municipality_id=municipality.pk)
    with connection.cursor() as cursor:
        cursor.execute("RESET synchronous_commit")
        cursor.execute("SELECT set_config('app.municipality', '', false)")
