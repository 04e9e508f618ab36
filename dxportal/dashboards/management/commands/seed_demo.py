"""`manage.py seed_demo`: fill in an example municipality."""

import datetime as dt
import logging
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from dxportal.accounts.actions.people import one_time_password
from dxportal.accounts.models import Municipality
from dxportal.dashboards.seeding import names, town


class Command(BaseCommand):
    """Invented people and figures; every row comes from an action, real ballots and real closes."""

    help = "Fill in an example municipality: people, initiatives, surveys and a year of history."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options of docs/architecture.md."""
        parser.add_argument("--municipality", default="999997", metavar="CODE")
        parser.add_argument("--name", default=names.MUNICIPALITY)
        parser.add_argument("--departments", type=int, default=60, metavar="N")
        parser.add_argument("--staff", type=int, default=765, metavar="N")
        parser.add_argument("--initiatives", type=int, default=40, metavar="N")
        parser.add_argument("--seed", type=int, default=1, metavar="S")
        parser.add_argument("--password", metavar="P")
        parser.add_argument("--as-of", type=dt.date.fromisoformat, metavar="DATE")
        parser.add_argument("--empty", action="store_true", help="accounts and nothing else")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Refuse what is there already, then fill in and say how long it took."""
        started = time.monotonic()
        code = options["municipality"]
        found = Municipality.objects.filter(code=code).first()
        if found is not None:
            if not town.is_seeded(found):
                raise CommandError(
                    _("%(name)s (%(code)s) exists already. Choose another code.")
                    % {"name": found.name, "code": code}
                )
            self.stdout.write(_("%s is filled in already; nothing was changed.") % found.name)
            return
        if not options["empty"] and options["staff"] < 3 * options["departments"]:
            raise CommandError(_("Give at least three people for each department."))
        password = options["password"] or one_time_password()
        with _quiet():
            self._seed(code, password, options)
        if not options["password"]:
            self.stdout.write(_("Password of every account: %s") % password)
        self.stdout.write(_("Done in %d seconds.") % (time.monotonic() - started))

    def _seed(self, code: str, password: str, options: dict[str, Any]) -> None:
        common = {
            "code": code,
            "name": options["name"],
            "seed": options["seed"],
            "password": password,
            "as_of": options["as_of"] or timezone.localdate(),
        }
        try:
            if options["empty"]:
                town.seed_empty(**common)
            else:
                town.seed_town(
                    **common,
                    sections=options["departments"],
                    staff=options["staff"],
                    initiatives=options["initiatives"],
                    say=self._say,
                )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


@contextmanager
def _quiet() -> Iterator[None]:
    """What the product logs about its days is no news when a year goes by in seconds."""
    log = logging.getLogger("dxportal")
    kept = log.level
    log.setLevel(logging.WARNING)
    try:
        yield
    finally:
        log.setLevel(kept)
