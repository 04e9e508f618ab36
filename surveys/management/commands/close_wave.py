"""`manage.py close_wave ID`: end a wave now, count it and destroy its key."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from surveys.actions import closing
from surveys.choices import WaveState
from surveys.exporters import too_few
from surveys.models import Wave
from surveys.vault import VaultError


class Command(BaseCommand):
    """For operators and the demo; waves close by themselves at their deadline."""

    help = "Close a survey wave now, also before its deadline; prints what was counted."

    def add_arguments(self, parser: CommandParser) -> None:
        """The wave's id, as its address shows it."""
        parser.add_argument("wave", type=int, metavar="ID")

    def handle(self, *args: Any, **options: Any) -> None:
        """Move the deadline to now where it lies ahead, close, and see that the key is gone."""
        pk, now = options["wave"], timezone.now()
        if not Wave.objects.filter(pk=pk).exists():
            raise CommandError(_("There is no wave with the id %s.") % pk)
        try:
            if closing.end_early(pk, by=None, now=now):
                self.stdout.write(
                    _("The deadline or the day of the results lay ahead: now it is now.")
                )
            closing.close_wave(pk, now=now)
            closing.destroy_key(pk)
        except (ValidationError, VaultError) as error:
            raise CommandError(" ".join(getattr(error, "messages", [str(error)]))) from None
        self.stdout.write(_outcome(Wave.objects.get(pk=pk)))


def _outcome(wave: Wave) -> str:
    if wave.state == WaveState.KEY_LOST:
        return _("%(wave)s: the key cannot be read. There is no result; run it again.") % {
            "wave": wave.label
        }
    if wave.withheld:
        return f"{wave.label}: {too_few(wave)}"
    if wave.too_few:
        return _("%(wave)s: closed. Too few answered to show anything.") % {"wave": wave.label}
    return _("%(wave)s: closed, %(n)d answers counted, the key is destroyed.") % {
        "wave": wave.label,
        "n": wave.counted or 0,
    }
