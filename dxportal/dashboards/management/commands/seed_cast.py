"""`manage.py seed_cast`: people to act against an empty installation, written to a file."""

import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from dxportal.accounts.models import Municipality, User
from dxportal.dashboards.seeding.cast import seed_cast


class Command(BaseCommand):
    """Three municipalities with one person a role, forty employees and one open wave each."""

    help = "Fill an empty installation with a cast for tests, and write who they are to a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options of docs/architecture.md."""
        parser.add_argument("--seed", type=int, default=1, metavar="N")
        parser.add_argument("--out", type=Path, required=True, metavar="FILE")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Refuse where anything is; the file is for this user's eyes, as it holds a password."""
        if Municipality.objects.exists() or User.objects.exists():
            raise CommandError(
                _("This installation is in use. The cast needs an empty database of its own.")
            )
        out: Path = options["out"]
        try:
            out.unlink(missing_ok=True)
            file = os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w")
        except OSError as error:
            raise CommandError(
                _("%(path)s cannot be written: %(why)s") % {"path": out, "why": error.strerror}
            ) from error
        with file:
            cast = seed_cast(options["seed"], now=timezone.now(), today=timezone.localdate())
            json.dump(cast, file, ensure_ascii=False, indent=1)
        people = sum(len(place["users"]) for place in cast["municipalities"])
        self.stdout.write(
            _("%(places)d municipalities, %(people)d people: %(path)s")
            % {"places": len(cast["municipalities"]), "people": people, "path": out}
        )
