"""The frame: settings, the ground floor (shared, accounts) and the roof (dashboards)."""

import os

from dxportal.celery import app as celery_app

# Where lxml is installed (PowerPoint files need it), openpyxl would read with it, not with
# defusedxml, which refuses entities that explode.
os.environ.setdefault("OPENPYXL_LXML", "False")

__all__ = ("celery_app",)
