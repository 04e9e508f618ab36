"""`manage.py anonymity_audit`: one line a check; exits 1 if the promise is broken anywhere."""

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from surveys import audits


class Command(BaseCommand):
    """Looks at every wave of every municipality; reads only."""

    help = "Check that no person-level row outlives its wave and no published number is too small."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each check with its findings."""
        failed = False
        for name, findings in audits.run(timezone.now()):
            mark = _("FAILED") if findings else _("ok")
            self.stdout.write(f"{mark}: {name}")
            for finding in findings:
                self.stdout.write(f"  {finding}")
            failed = failed or bool(findings)
        if failed:
            sys.exit(1)
