"""Celery tasks of the roof: each calls one function; running twice or late changes nothing."""

import logging

from celery import shared_task

log = logging.getLogger("dxportal.dashboards")


@shared_task
def make_briefing_file(municipality_id: int, file_id: int) -> None:
    """Make one file of a sheet for a meeting."""
    from dxportal.dashboards.briefing.making import make_file

    log.info("file %s of a briefing: %s", file_id, make_file(municipality_id, file_id))


@shared_task
def sweep_briefing_files() -> None:
    """Make what a lost message or a killed worker has left."""
    from django.utils import timezone

    from dxportal.dashboards.briefing.making import make_file
    from roadmap.actions.briefings import left_over

    for municipality_id, file_id in left_over(timezone.now()):
        make_file(municipality_id, file_id)
