"""What the three import commands share: a file, a municipality, choices, and a report."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from dxportal.accounts.actions.import_jobs import remember_columns, remembered_columns
from dxportal.accounts.import_plan import CellState, Choices, Outcome, Plan
from dxportal.accounts.import_preview import grouped_notes
from dxportal.accounts.import_registry import Importer, importer_of
from dxportal.accounts.models import Municipality
from dxportal.shared.fiscal import parse_date
from dxportal.shared.tabular import TableError, read_table
from dxportal.shared.tenancy import municipality_scope


class ImportCommand(BaseCommand):
    """Reads a table into a municipality; exit code 1 where a row was left out."""

    kind = ""

    def add_arguments(self, parser: CommandParser) -> None:
        """The options of docs/import.md."""
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--municipality", metavar="CODE", help=_("six digits"))
        parser.add_argument("--as-of", metavar="DATE", help=_("the day from which it holds"))
        parser.add_argument(
            "--map", type=Path, metavar="FILE.json", help=_('{"heading": "field"}, "" to leave out')
        )
        parser.add_argument("--dry-run", action="store_true", help=_("write nothing"))
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--origin", metavar="NAME", help=_("only rows of this municipality"))
        which.add_argument(
            "--all-origins", action="store_true", help=_("rows of all municipalities of the file")
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Plan, report, and write in one transaction."""
        importer = importer_of(self.kind)
        municipality = _municipality(options["municipality"])
        columns = _mapping(options["map"], importer)
        path: Path = options["file"]
        try:
            with municipality_scope(municipality.pk), path.open("rb") as file:
                Municipality.objects.select_for_update(no_key=True).get(pk=municipality.pk)
                choices = Choices(
                    as_of=_day(options["as_of"]),
                    columns={**remembered_columns(municipality, self.kind), **columns},
                    origin=options["origin"],
                    all_origins=options["all_origins"],
                    writes=not options["dry_run"],
                )
                plan = importer.plan(read_table(file, path.name), municipality, choices)
                self._refuse(plan, options["origin"])
                if not options["dry_run"]:
                    self._write(importer, plan, municipality, choices)
        except TableError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            text = _("The file %(path)s cannot be read: %(reason)s.")
            raise CommandError(text % {"path": path, "reason": error.strerror}) from error
        self._report(plan, dry_run=options["dry_run"])

    def _refuse(self, plan: Plan[Any], origin: str | None) -> None:
        """A file that needs a choice, or that cannot be used as a whole."""
        if origin and origin not in plan.origins and not plan.is_broken:
            text = _("The file has no rows of “%(name)s”. It has: %(names)s.")
            raise CommandError(text % {"name": origin, "names": _names(plan)})
        if plan.asks_origin:
            text = _(
                "The file names several municipalities: %(names)s. "
                "Choose one with --origin NAME, or all with --all-origins."
            )
            raise CommandError(text % {"names": _names(plan)})
        if plan.is_broken:
            problems = [str(problem) for problem in plan.problems if problem.row is None]
            raise CommandError("\n".join([*problems, _("Nothing was imported.")]))

    def _write(
        self, importer: Importer, plan: Plan[Any], municipality: Municipality, choices: Choices
    ) -> None:
        """Everything that can be imported, at once."""
        importer.apply(
            plan, municipality=municipality, as_of=choices.as_of, by=None, channel="command"
        )
        remember_columns(municipality, self.kind, plan)

    def _report(self, plan: Plan[Any], *, dry_run: bool) -> None:
        """Counts, notes, and each rejected row with its column and what to do."""
        for group in grouped_notes(plan.notes):
            for text in group["texts"]:
                self.stdout.write(text)
            if group["more"]:
                self.stdout.write(
                    _("… and %(count)s more of this kind.") % {"count": group["more"]}
                )
        text = _(
            "created %(created)s, changed %(changed)s, unchanged %(unchanged)s, "
            "rejected %(rejected)s"
        )
        counts = {str(outcome): plan.outcomes[outcome] for outcome in Outcome}
        self.stdout.write(text % {**counts, "rejected": plan.rejected})
        self._report_cells(plan)
        if dry_run:
            self.stdout.write(_("Nothing was written (--dry-run)."))
        for problem in sorted(plan.problems, key=lambda problem: problem.row or 0):
            self.stderr.write(str(problem))
        if plan.problems:
            sys.exit(1)

    def _report_cells(self, plan: Plan[Any]) -> None:
        """Each cell that somebody else changed meanwhile: it was left as it is."""
        text = _("Row %(row)s, “%(heading)s”: left as “%(old)s”, the file says “%(new)s”.")
        for group in plan.groups:
            for cell in group.cells:
                if cell.state == CellState.CONFLICT:
                    values = {"heading": cell.heading, "old": cell.old, "new": cell.new}
                    self.stdout.write(text % {"row": group.row, **values})


def _names(plan: Plan[Any]) -> str:
    """Municipalities of the file with their rows, the most frequent first."""
    found = sorted(plan.origins.items(), key=lambda item: (-item[1], item[0]))
    return "、".join(f"{name or _('(none)')} ({count})" for name, count in found)


def _municipality(code: str | None) -> Municipality:
    """The one of that code; without a code the only one there is."""
    places = list(Municipality.objects.filter(code=code) if code else Municipality.objects.all())
    if len(places) == 1:
        return places[0]
    if code:
        raise CommandError(_("There is no municipality with the code %s.") % code)
    if not places:
        raise CommandError(_("There is no municipality yet."))
    known = "、".join(f"{place.code} {place.name}" for place in places)
    raise CommandError(_("Say which municipality with --municipality: %s.") % known)


def _day(text: str | None) -> dt.date:
    """A date in any usual form, today where none is given."""
    if not text:
        return timezone.localdate()
    try:
        return parse_date(text)
    except ValueError as error:
        raise CommandError(_("“%s” could not be read as a date.") % text) from error


def _mapping(path: Path | None, importer: Importer) -> dict[str, str]:
    """Heading → field, with every field checked."""
    if path is None:
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise CommandError(_("The mapping %s cannot be read as JSON.") % path) from error
    known = {"", *importer.fields}
    if not isinstance(found, dict) or not all(value in known for value in found.values()):
        names = "、".join(importer.fields)
        text = _("The mapping %(path)s must say heading → one of: %(names)s.")
        raise CommandError(text % {"path": path, "names": names})
    return {str(heading): str(field) for heading, field in found.items()}
