"""Jobs of accounts."""

import logging

from celery import shared_task

log = logging.getLogger("dxportal.accounts.tasks")


@shared_task
def send_outbox() -> None:
    """Send the mails that wait."""
    from django.utils import timezone

    from dxportal.accounts.actions.messages import deliver_waiting

    sent, failed = deliver_waiting(timezone.now())
    log.info("mails: %d sent, %d failed", sent, failed)


@shared_task
def send_webhooks() -> None:
    """Hand over the messages that wait for a webhook."""
    from django.utils import timezone

    from dxportal.accounts.actions.webhooks import deliver_webhooks

    sent, failed = deliver_webhooks(timezone.now())
    log.info("webhooks: %d accepted, %d failed", sent, failed)


@shared_task
def run_import_job(municipality_id: int, job_id: str) -> None:
    """Read or write one uploaded table."""
    from dxportal.accounts.actions.import_jobs import run_import

    log.info("import %s: %s", job_id, run_import(municipality_id, job_id))


@shared_task
def sweep_imports() -> None:
    """Do what was left over, and forget what is a week old."""
    from django.utils import timezone

    from dxportal.accounts.actions.import_jobs import forget_old_imports, waiting_imports

    for municipality_id, job_id in waiting_imports():
        run_import_job(municipality_id, job_id)
    log.info("imports forgotten: %d", forget_old_imports(timezone.now()))


@shared_task
def tell_ending_promoters() -> None:
    """Tell promoters and the office of terms that end soon, each once."""
    from django.utils import timezone

    from dxportal.accounts.actions.promoters import tell_all_ending

    log.info("terms of promoters ending soon: %d", tell_all_ending(timezone.now()))
