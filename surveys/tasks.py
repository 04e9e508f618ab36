"""Beat's way into surveys; bodies fetch, call one function and leave."""

import logging

from celery import shared_task
from django.utils import timezone

log = logging.getLogger("dxportal.surveys")


@shared_task
def turn_wave_clock(at: str = "") -> None:
    """Every minute: open, ask for releases, close; one failing wave stops no other.

    `at`: as if it were then.
    """
    from dxportal.shared.clock import moment
    from surveys import clock
    from surveys.actions.closing import close_wave
    from surveys.actions.releasing import ask_for_release
    from surveys.actions.waves import open_scheduled

    now = moment(at)
    clock.each(clock.due_to_open(now), lambda pk: open_scheduled(pk, now=now))
    clock.each(
        clock.awaiting_release(now), lambda pk: ask_for_release(pk, occasion="first", now=now)
    )
    clock.each(clock.due_to_close(now), lambda pk: close_wave(pk, now=moment(at)))


@shared_task
def destroy_closed_keys() -> None:
    """Every minute: shred the keys of ended waves that are still there."""
    from surveys.actions.closing import destroy_key, keys_to_destroy
    from surveys.clock import each

    each(keys_to_destroy(), destroy_key)


@shared_task
def check_keys() -> None:
    """Daily: read every open wave's key back; a wave without one is lost, and staff are told."""
    from surveys.actions.keys import check_key
    from surveys.clock import each, waves_with_a_box

    each(waves_with_a_box(), lambda pk: check_key(pk, now=timezone.now()))


@shared_task
def destroy_stray_keys() -> None:
    """Hourly: remove key files that an undone opening has left behind."""
    from surveys.actions.keys import destroy_stray_keys as destroy

    destroy(timezone.now())


@shared_task
def ask_for_releases() -> None:
    """Each working day: ask again for what still waits to be released."""
    from surveys.actions.releasing import ask_for_release
    from surveys.clock import awaiting_release, each
    from surveys.workdays import is_workday

    now = timezone.now()
    day = timezone.localdate(now)
    if is_workday(day):
        each(
            awaiting_release(now),
            lambda pk: ask_for_release(pk, occasion=day.isoformat(), now=now),
        )


@shared_task
def write_participation_bands() -> None:
    """Daily: how many have answered, in quarters."""
    from surveys.clock import each, open_waves
    from surveys.participation import write_bands

    now = timezone.now()
    each(open_waves(now), lambda pk: write_bands(pk, timezone.localdate(now)))


@shared_task(soft_time_limit=3000, time_limit=3100)
def send_wave_reminders() -> None:
    """At a fixed hour: mail those whose ballot is not in the box, at most once a day."""
    from surveys.actions.reminders import send_reminders
    from surveys.clock import each, open_waves

    now = timezone.now()
    each(open_waves(now), lambda pk: send_reminders(pk, now=now))


@shared_task
def open_monthly_waves() -> None:
    """Each morning: open the month's round of the surveys that repeat."""
    from surveys.actions.standing import open_monthly

    log.info("monthly rounds opened: %s", open_monthly(timezone.now()))


@shared_task
def open_due_follow_ups(at: str = "") -> None:
    """Daily: ask about initiatives that were launched 90 days ago; `at`: as if it were then."""
    from dxportal.shared.clock import moment
    from surveys.actions.follow_ups import open_due, schedule_follow_ups
    from surveys.actions.re_asking import plan_by_tasks

    now = moment(at)
    today = timezone.localdate(now)
    schedule_follow_ups(today)
    plan_by_tasks(today)
    log.info("sittings opened: %s", open_due(today, now=now))


@shared_task
def purge_voices() -> None:
    """Daily: remove raw texts whose date has passed."""
    from surveys.actions.purging import purge_voices as purge

    log.info("raw texts removed: %s", purge(timezone.localdate()))
