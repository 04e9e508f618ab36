"""What an installation must not run with: found by `check`, and by the start itself."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connections

_ROLE = """
SELECT role.rolsuper, role.rolbypassrls, EXISTS (
  SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace
  AND relkind IN ('r', 'p') AND pg_has_role(role.oid, relowner, 'MEMBER')
) OR pg_has_role(role.oid, datdba, 'MEMBER')
FROM pg_roles role, pg_database WHERE role.rolname = current_user AND datname = current_database()
"""
_ROLE_HINT = (
    "DATABASE_URL names the application role, which owns nothing (docs/deploy/roles.sh);"
    " DATABASE_OWNER_URL the owner, for migrations alone."
)


@register(Tags.database)
def application_role(
    app_configs: Sequence[AppConfig] | None = None,
    databases: Iterable[str] | None = None,
    **_kwargs: Any,
) -> list[CheckMessage]:
    """The role of `default` is no superuser, steps over no policy and owns no table."""
    if "default" not in (databases or ()):
        return []
    with connections["default"].cursor() as cursor:
        cursor.execute(_ROLE)
        is_superuser, bypasses, owns = cursor.fetchone()
    found = (
        (is_superuser, "E001", "The application's database role is a superuser."),
        (bypasses, "E002", "The application's database role may step over row-level policies."),
        (owns, "E003", "The application's database role owns the database or tables."),
    )
    return [
        Error(text, hint=_ROLE_HINT, id=f"dxportal.{number}") for bad, number, text in found if bad
    ]


@register(Tags.security, deploy=True)
def key_folder(
    app_configs: Sequence[AppConfig] | None = None, **_kwargs: Any
) -> list[CheckMessage]:
    """The folder of the wave keys: there, closed to others, and apart from data and files."""
    folder = Path(settings.KEY_DIR)
    found: list[CheckMessage] = []
    if not folder.is_dir():
        found.append(Error("The folder of the wave keys does not exist.", id="dxportal.E011"))
    elif stat.S_IMODE(folder.stat().st_mode) != 0o700 or folder.stat().st_uid != os.geteuid():
        found.append(
            Error(
                "The folder of the wave keys is open to others.",
                hint="Let it belong to the user of the product, with mode 0700.",
                id="dxportal.E012",
            )
        )
    if any(_meet(folder, Path(other)) for other in _other_folders()):
        found.append(
            Error(
                "The folder of the wave keys shares a folder with the database or with files.",
                hint="Set DXPORTAL_KEY_DIR to a folder of its own.",
                id="dxportal.E013",
            )
        )
    return found


@register(Tags.security, deploy=True)
def snapshots_said(
    app_configs: Sequence[AppConfig] | None = None, **_kwargs: Any
) -> list[CheckMessage]:
    """Only people know what is copied where: somebody has to say that the keys are not."""
    if settings.KEYS_NOT_IN_SNAPSHOTS:
        return []
    return [
        Warning(
            "Nobody has said that the wave keys are in no snapshot and in no backup.",
            hint=(
                "Staff are promised that after the close nobody can read a ballot. A copy of the"
                " key folder breaks that. Set DXPORTAL_KEYS_NOT_IN_SNAPSHOTS=yes once it is so."
            ),
            id="dxportal.W014",
        )
    ]


def refuse_unsafe_role() -> None:
    """Stop the start of a production process whose role is unsafe; a database away is waited for.

    Leaves no connection and no pool behind: workers fork after this. Raises ImproperlyConfigured.
    """
    if not settings.PRODUCTION:
        return
    try:
        found = application_role(databases=["default"])
    except OperationalError:
        return
    finally:
        connections["default"].close()
        connections["default"].close_pool()  # type: ignore[attr-defined]
    if found:
        raise ImproperlyConfigured(" ".join(str(message.msg) for message in found))


def _other_folders() -> list[Path]:
    folders = [settings.VAR_DIR / "pg", settings.MEDIA_ROOT, settings.STATIC_ROOT]
    return [*folders, *settings.STATICFILES_DIRS]


def _meet(folder: Path, other: Path) -> bool:
    """Whether one lies in the other, or both are the same."""
    one, two = folder.resolve(), other.resolve()
    return one.is_relative_to(two) or two.is_relative_to(one)
