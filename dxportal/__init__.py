"""The frame: settings, the ground floor (shared, accounts) and the roof (dashboards)."""

from dxportal.celery import app as celery_app

__all__ = ("celery_app",)
