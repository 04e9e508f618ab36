"""What the application role may do in the database: granted by the owner after each migration."""

import re
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import connections

#: Tables in which nothing may ever be changed or removed by the application.
APPEND_ONLY = (
    "accounts_event",
    "roadmap_update",
    "roadmap_assessment",
    "roadmap_adoptionverdict",
    "roadmap_milestonemove",
    "roadmap_roundsnapshot",
    "roadmap_roundfile",
    "roadmap_roundstage",
    "roadmap_briefing",
    "roadmap_procedureentry",
    "surveys_closeaudit",
    "surveys_waveask",
    "surveys_segmentgroup",
    "surveys_celltally",
    "surveys_themeburden",
    "surveys_crosstally",
)
#: What people wrote and who might answer goes in time, and the pages are overwritten at once.
VACUUMED = (
    "surveys_sealedballot",
    "surveys_ticket",
    "surveys_waveeligibility",
    "surveys_rawvoice",
    "surveys_voicetheme",
)
#: The first PostgreSQL in which somebody else than the owner may vacuum.
MAINTAIN_SINCE = 170000


def grant_application_role(using: str = "default", **_kwargs: Any) -> None:
    """Grant to the role of `default`, when the owner is somebody else; safe to repeat."""
    role = str(settings.DATABASES["default"].get("USER") or "")
    connection = connections[using]
    if using == "default" or not re.fullmatch(r"[A-Za-z0-9_]+", role):
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        row = cursor.fetchone()
        if row is None or row[0] == role:
            return
        cursor.execute(f'GRANT USAGE ON SCHEMA public TO "{role}"')
        cursor.execute(
            f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{role}"'
        )
        cursor.execute(f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{role}"')
        for table in _standing(cursor, (*APPEND_ONLY, "django_migrations")):
            cursor.execute(f'REVOKE UPDATE, DELETE, TRUNCATE ON "{table}" FROM "{role}"')
        cursor.execute("SELECT current_setting('server_version_num')::int")
        if cursor.fetchone()[0] >= MAINTAIN_SINCE:
            for table in _standing(cursor, VACUUMED):
                cursor.execute(f'GRANT MAINTAIN ON "{table}" TO "{role}"')


def _standing(cursor: Any, tables: Iterable[str]) -> list[str]:
    """Those of the tables that are there: an earlier migration runs before the others."""
    found = []
    for table in tables:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
        row = cursor.fetchone()
        if row and row[0]:
            found.append(table)
    return found
