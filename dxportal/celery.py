"""The Celery app, the task base and the whole beat schedule: times of day are written only here."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import time
from typing import Any

from celery import Celery, Task
from celery.schedules import crontab
from celery.signals import beat_init, celeryd_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dxportal.settings")

app = Celery("dxportal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["dxportal.accounts", "roadmap", "surveys", "dxportal.dashboards"])

#: From this hour on a reminder day, those who can still answer are told so, in the portal too.
REMIND_AT = time(10, 0)

#: Queue of the worker that mounts the wave keys: reminders, bands, closing.
SEALED = "sealed"

app.conf.task_routes = {"surveys.tasks.*": {"queue": SEALED}}
#: Counts left-over marks in the beat's own process while the broker is away.
app.conf.beat_scheduler = "dxportal.beat:Scheduler"

app.conf.beat_schedule = {
    # Every 20 s: a change whose hint was lost must be in the numbers within a minute.
    "sweep-marks": {"task": "roadmap.tasks.sweep_marks", "schedule": 20.0},
    "date-edges": {
        "task": "roadmap.tasks.roll_up_date_edges",
        "schedule": crontab(hour="0", minute="5"),
    },
    # Opens what opens today, and asks departments that came since yesterday.
    "round-clock": {
        "task": "roadmap.tasks.turn_round_clock",
        "schedule": crontab(hour="8-18", minute="15"),
    },
    # At 00:01, and every hour after for a worker that was away: each is carried out once.
    "reorganisations": {
        "task": "roadmap.tasks.carry_out_reorganisations",
        "schedule": crontab(minute="1"),
    },
    # At 00:02, before the nightly roll-up, and every hour after: each version is applied once.
    "staircase-versions": {
        "task": "roadmap.tasks.apply_due_staircases",
        "schedule": crontab(minute="2"),
    },
    "sweep-imports": {"task": "dxportal.accounts.tasks.sweep_imports", "schedule": 60.0},
    "sweep-briefings": {"task": "dxportal.dashboards.tasks.sweep_briefing_files", "schedule": 60.0},
    "send-outbox": {"task": "dxportal.accounts.tasks.send_outbox", "schedule": 60.0},
    # Apart from the mails: a gateway that hangs keeps none of them waiting.
    "send-webhooks": {"task": "dxportal.accounts.tasks.send_webhooks", "schedule": 60.0},
    # Each term is told once; the morning after a day without a worker makes up for it.
    "ending-promoters": {
        "task": "dxportal.accounts.tasks.tell_ending_promoters",
        "schedule": crontab(hour="8", minute="40"),
    },
    # More than once, in case the worker was away: nobody gets two digests on a day.
    "digests": {
        "task": "roadmap.tasks.send_all_digests",
        "schedule": crontab(hour="9", minute="5,25,45"),
    },
    "wave-clock": {"task": "surveys.tasks.turn_wave_clock", "schedule": 60.0},
    "destroy-keys": {"task": "surveys.tasks.destroy_closed_keys", "schedule": 60.0},
    "stray-keys": {
        "task": "surveys.tasks.destroy_stray_keys",
        "schedule": crontab(minute="20"),
    },
    "ask-for-releases": {
        "task": "surveys.tasks.ask_for_releases",
        "schedule": crontab(hour="9", minute="0"),
    },
    "check-keys": {"task": "surveys.tasks.check_keys", "schedule": crontab(hour="5", minute="0")},
    "purge-voices": {
        "task": "surveys.tasks.purge_voices",
        "schedule": crontab(hour="3", minute="30"),
    },
    "participation-bands": {
        "task": "surveys.tasks.write_participation_bands",
        "schedule": crontab(hour="6", minute="0"),
    },
    # More than once, in case the worker was away: a wave reminds at most once a day.
    "wave-reminders": {
        "task": "surveys.tasks.send_wave_reminders",
        "schedule": crontab(hour=str(REMIND_AT.hour), minute="0,20,40"),
    },
    "monthly-waves": {
        "task": "surveys.tasks.open_monthly_waves",
        "schedule": crontab(hour="8", minute="30"),
    },
    "follow-ups": {
        "task": "surveys.tasks.open_due_follow_ups",
        "schedule": crontab(hour="9", minute="0"),
    },
}


@celeryd_init.connect
@beat_init.connect
def _refuse_unsafe_role(**_kwargs: object) -> None:
    """A worker with the rights of the owner does not start."""
    from dxportal.shared.checks import refuse_unsafe_role

    refuse_unsafe_role()


class MunicipalityTask(Task):  # type: ignore[type-arg]
    """A task whose first argument is a municipality's id: one transaction with its scope set."""

    abstract = True

    def __call__(self, municipality_id: int, *args: Any, **kwargs: Any) -> Any:
        """Run the body inside the municipality's scope."""
        from dxportal.shared.tenancy import municipality_scope

        with municipality_scope(municipality_id):
            return super().__call__(municipality_id, *args, **kwargs)


_without_hints = False


@contextmanager
def without_hints() -> Iterator[None]:
    """For a command that writes much and counts at its end: the broker hears nothing of it."""
    global _without_hints  # noqa: PLW0603
    kept, _without_hints = _without_hints, True
    try:
        yield
    finally:
        _without_hints = kept


def hint(task: Callable[..., Any], *args: Any) -> None:
    """Ask for a task now, quietly: what must be done is marked in the database already."""
    import logging

    if _without_hints:
        return
    try:
        task.delay(*args)  # type: ignore[attr-defined]
    except Exception:
        logging.getLogger("dxportal.celery").warning("broker unreachable; the beat will catch up")
