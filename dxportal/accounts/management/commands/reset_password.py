"""`manage.py reset_password EMAIL`: a new one-time password where no administrator can give one."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from dxportal.accounts.actions.people import reset_password
from dxportal.accounts.models import User
from dxportal.shared.tenancy import set_municipality


class Command(BaseCommand):
    """For whoever runs the installation, when the last administrator has lost the password."""

    @property
    def help(self) -> str:  # type: ignore[override]
        """One sentence for --help."""
        return _("Give somebody a new password, shown once; their sessions end.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose password."""
        parser.add_argument("email", metavar="EMAIL", help=_("E-mail of the person."))

    @transaction.atomic
    def handle(self, *_args: Any, **options: Any) -> None:
        """Refuse who is not there or disabled; print the password once."""
        email = options["email"].strip().lower()
        person = User.objects.filter(email=email).first()
        if person is None:
            raise CommandError(_("Nobody on this installation has the e-mail %s.") % email)
        if not person.is_active:
            raise CommandError(
                _("%s is disabled. An administrator can enable the account.") % email
            )
        if person.municipality_id is not None:
            set_municipality(person.municipality_id)
        password = reset_password(person, by=None, channel="command")
        self.stdout.write(_("Password: %s") % password)
        self.stdout.write(_("It is not shown again."))
