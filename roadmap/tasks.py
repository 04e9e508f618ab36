"""Celery tasks of the roadmap: each calls one function; running twice or late changes nothing."""

import logging

from celery import shared_task

from dxportal.celery import MunicipalityTask

log = logging.getLogger("dxportal.roadmap")


@shared_task(base=MunicipalityTask)
def roll_up(municipality_id: int, at: str = "") -> None:
    """Count what is marked in one municipality; `at`: as if it were then."""
    from django.utils import timezone

    from dxportal.shared.clock import moment
    from roadmap import rollups

    result = rollups.roll_up(municipality_id, as_of=timezone.localdate(moment(at)))
    log.info("roll-up %s: %s marks, %s rows", municipality_id, result.marks, result.rows)


@shared_task
def sweep_marks() -> None:
    """Count whatever is left over: a lost message costs a minute, never a number.

    What fails in one municipality stops no other; its marks stay for the next sweep.
    """
    from roadmap.models import DirtyMark

    for pk in DirtyMark.objects.order_by().values_list("municipality_id", flat=True).distinct():
        try:
            roll_up(pk)
        except Exception:
            log.exception("roll-up of %s", pk)


@shared_task
def roll_up_date_edges() -> None:
    """At 00:05: what changes by date alone, then the recount whose drift must be 0.

    What fails in one municipality stops no other; its next night makes up for it.
    """
    from dxportal.accounts.models import Municipality

    for pk in Municipality.objects.values_list("pk", flat=True):
        try:
            nightly(pk)
        except Exception:
            log.exception("night of %s", pk)


@shared_task(base=MunicipalityTask)
def nightly(municipality_id: int) -> None:
    """The night of one municipality."""
    from django.utils import timezone

    from roadmap import rollups

    found = rollups.nightly(municipality_id, today=timezone.localdate())
    log.log(logging.ERROR if found else logging.INFO, "drift of %s: %s", municipality_id, found)


@shared_task
def apply_due_staircases() -> None:
    """From 00:02 on: versions of a staircase whose day has come, each exactly once."""
    from django.utils import timezone

    from roadmap.actions.staircase_applying import due_anywhere

    for municipality_id in due_anywhere(timezone.localdate()):
        try:
            apply_due_staircase(municipality_id)
        except Exception:
            log.exception("staircase of %s", municipality_id)


@shared_task(base=MunicipalityTask)
def apply_due_staircase(municipality_id: int) -> None:
    """The due versions of one municipality."""
    from django.utils import timezone

    from dxportal.accounts.models import Municipality
    from roadmap.actions.staircase_applying import apply_due_versions

    place = Municipality.objects.get(pk=municipality_id)
    done = apply_due_versions(place, on=timezone.localdate())
    log.info("staircase of %s: %s", municipality_id, [str(version) for version in done])


@shared_task
def turn_round_clock() -> None:
    """Open the rounds whose day has come, and ask departments that came later."""
    from roadmap.models import ReportingRound

    for municipality_id, pk in ReportingRound.objects.for_the_clock():
        try:
            turn_round(municipality_id, pk)
        except Exception:
            log.exception("round %s", pk)


@shared_task(base=MunicipalityTask)
def turn_round(municipality_id: int, pk: int) -> None:
    """One round; what was done already is left as it is."""
    from django.utils import timezone

    from roadmap.actions.rounds import turn_round as turn

    done = turn(municipality_id, pk, now=timezone.now())
    log.info("round %s of %s: %s", pk, municipality_id, done)


@shared_task(soft_time_limit=3000, time_limit=3100)
def send_all_digests() -> None:
    """Each working morning: remind everywhere; what fails in one municipality stops no other."""
    from dxportal.accounts.models import Municipality

    for pk in Municipality.objects.values_list("pk", flat=True):
        try:
            send_digests(pk)
        except Exception:
            log.exception("reminders of %s failed", pk)


@shared_task(base=MunicipalityTask)
def send_digests(municipality_id: int) -> None:
    """The reminders of one municipality, at most one a person and day."""
    from django.utils import timezone

    from roadmap.actions.reminders import send_digests as send

    log.info("digests of %s: %s", municipality_id, send(municipality_id, now=timezone.now()))


@shared_task
def carry_out_reorganisations() -> None:
    """From 00:01 on: reorganisations whose day has come, each exactly once."""
    from django.utils import timezone

    from roadmap.actions import reorganisations

    for municipality, pk in reorganisations.due(timezone.localdate()):
        carry_out_reorganisation(municipality, pk)


@shared_task(base=MunicipalityTask)
def carry_out_reorganisation(municipality_id: int, pk: str) -> None:
    """One reorganisation on its day."""
    from django.utils import timezone

    from roadmap.actions import reorganisations

    done = reorganisations.carry_out(pk, now=timezone.now())
    log.info("reorganisation %s of %s: %s", pk, municipality_id, "done" if done else "waits")
