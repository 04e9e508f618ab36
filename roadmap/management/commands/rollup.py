"""`manage.py rollup`: count now, and check that nothing drifted."""

import datetime as dt
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from dxportal.accounts.models import Municipality
from dxportal.shared.tenancy import municipality_scope
from roadmap import rollups


class Command(BaseCommand):
    """Prints rows, statements and seconds per municipality."""

    help = "Bring the snapshots up to date; --check compares them with a full recount."

    def add_arguments(self, parser: CommandParser) -> None:
        """The options of docs/operations.md."""
        parser.add_argument("--municipality", metavar="CODE")
        parser.add_argument("--as-of", type=dt.date.fromisoformat, metavar="DATE")
        parser.add_argument("--full", action="store_true", help="every scope, not only the marked")
        parser.add_argument("--check", action="store_true", help="exit 1 if anything drifted")

    def handle(self, *args: Any, **options: Any) -> None:
        """Count each municipality in a transaction of its own."""
        today = timezone.localdate()
        day = options["as_of"] or today
        drifted = 0
        for place in _chosen(options["municipality"]):
            with municipality_scope(place.pk):
                later = rollups.counted_later(place.pk, day) if day < today else None
                if later:
                    self._show(place, day, later)
                    continue
                result = rollups.roll_up(
                    place.pk, as_of=day, full=options["full"], history=day < today
                )
                found = rollups.drift(place.pk, as_of=day) if options["check"] else 0
            drifted += found
            line = _("%(name)s: %(rows)d rows, %(statements)d statements, %(seconds).3f s") % {
                "name": place.name,
                "rows": result.rows,
                "statements": result.statements,
                "seconds": result.seconds,
            }
            if options["check"]:
                line += _(", drift %(drift)d") % {"drift": found}
            self.stdout.write(line)
        if drifted:
            self.stderr.write(_("Stored numbers differ from a recount. Run: rollup --full"))
            sys.exit(1)

    def _show(self, place: Municipality, day: dt.date, later: dt.date) -> None:
        """A past day of a month that holds a later one: told, not kept."""
        rows = len(rollups.seen_on(place.pk, day))
        line = _("%(name)s: %(rows)d rows for %(day)s; not kept, the month holds %(later)s")
        values = {"name": place.name, "rows": rows, "day": day, "later": later}
        self.stdout.write(line % values)


def _chosen(code: str | None) -> list[Municipality]:
    places = Municipality.objects.order_by("code")
    if code:
        places = places.filter(code=code)
        if not places:
            raise CommandError(_("There is no municipality with the code %s.") % code)
    return list(places)
