"""`manage.py found_municipality CODE NAME`: a municipality and its first administrator."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from dxportal.accounts.actions.founding import found_municipality
from dxportal.accounts.actions.people import EmailTaken, create_person
from dxportal.accounts.actions.roles import grant_role
from dxportal.accounts.choices import Employment, Role, SizeBand
from dxportal.accounts.codes import is_valid_code
from dxportal.accounts.models import Municipality, RoleGrant, User
from dxportal.shared.tenancy import set_municipality
from roadmap.actions.content import ensure_staircase, ensure_tags, ensure_themes
from roadmap.actions.setting_up import begin_set_up

COMMAND = "command"


class Command(BaseCommand):
    """The first step of an installation: until then nobody can sign in. All or nothing."""

    @property
    def help(self) -> str:  # type: ignore[override]
        """One sentence for --help."""
        return _("Create a municipality with its staircases, and the account of its administrator.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Code and name of the municipality, and who administers it."""
        parser.add_argument(
            "code", metavar="CODE", help=_("Municipality code: six digits, check digit included.")
        )
        parser.add_argument("name", metavar="NAME", help=_("Name of the municipality."))
        parser.add_argument(
            "--admin-email", required=True, metavar="E", help=_("E-mail of the administrator.")
        )
        parser.add_argument(
            "--admin-name", required=True, metavar="N", help=_("Name of the administrator.")
        )
        parser.add_argument(
            "--size",
            choices=SizeBand.values,
            default=SizeBand.CITY_SMALL.value,
            help=_("Size; the administrator can change it later."),
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Refuse what cannot be, leave alone what is there already, else found it."""
        code, name = options["code"].strip(), options["name"].strip()
        email = options["admin_email"].strip().lower()
        if (found := Municipality.objects.filter(code=code).first()) is not None:
            self._leave(found, name, email)
            return
        if not is_valid_code(code):
            raise CommandError(
                _("%s is no municipality code: six digits, the last of which checks the others.")
                % code
            )
        admin = _checked(User(email=email, name=options["admin_name"].strip()))
        try:
            place, password = _found(code, name, options["size"], admin)
        except ValidationError as error:
            raise CommandError(_sentence(error, Municipality)) from error
        except EmailTaken as error:
            raise CommandError(
                _("Somebody on this installation has the e-mail %s already.") % email
            ) from error
        except IntegrityError as error:  # the same command, at the same moment
            raise CommandError(_("Nothing was created. Please try again.")) from error
        self._report(place, admin, password)

    def _leave(self, found: Municipality, name: str, email: str) -> None:
        """A repeated call is fine and changes nothing; the same code for something else is not."""
        values = {"name": found.name, "code": found.code}
        if found.name != name or not _administers(found, email):
            raise CommandError(
                _("%(name)s (%(code)s) exists already, and nothing was changed. "
                  "Its administrators give accounts and roles.") % values
            )  # fmt: skip
        self.stdout.write(_("%(name)s (%(code)s) exists already; nothing was changed.") % values)

    def _report(self, place: Municipality, admin: User, password: str) -> None:
        """What was made, the password for this once, and what comes next."""
        self.stdout.write(
            _("%(name)s (%(code)s) was created, with its staircases and themes.")
            % {"name": place.name, "code": place.code}
        )
        self.stdout.write(
            _("Administrator: %(name)s, %(email)s") % {"name": admin.name, "email": admin.email}
        )
        self.stdout.write(_("Password: %s") % password)
        self.stdout.write(
            _("It is not shown again. Sign in: the set-up leads to the first survey.")
        )  # fmt: skip


@transaction.atomic
def _found(code: str, name: str, size: str, admin: User) -> tuple[Municipality, str]:
    """Municipality, staircases, themes and the account, in the scope of the new municipality."""
    place = found_municipality(code, name, size_band=size, by=None, channel=COMMAND)
    set_municipality(place.pk)
    ensure_staircase(place, by=None, channel=COMMAND)
    ensure_themes(place, by=None, channel=COMMAND)
    ensure_tags(place, by=None, channel=COMMAND)
    begin_set_up(place, by=None, channel=COMMAND)
    person, password = create_person(
        place,
        name=admin.name,
        email=admin.email,
        department=None,
        employment=Employment.REGULAR,
        by=None,
        channel=COMMAND,
    )
    grant_role(
        person,
        Role.ADMIN,
        department=None,
        valid_from=timezone.localdate(),
        valid_to=None,
        how=_("Set up with the municipality"),
        by=None,
        channel=COMMAND,
    )
    return place, password


def _administers(place: Municipality, email: str) -> bool:
    """Whether that person is an administrator there today."""
    grants = RoleGrant.objects.on(timezone.localdate()).filter(role=Role.ADMIN)
    return grants.filter(user__municipality=place, user__email=email).exists()


def _checked(person: User) -> User:
    """Refuse an e-mail or a name that the pages would refuse too."""
    try:
        person.clean_fields(exclude=("password", "municipality", "department"))
    except ValidationError as error:
        raise CommandError(_sentence(error, User)) from error
    return person


def _sentence(error: ValidationError, model: type[Model]) -> str:
    """Each field with what is wrong with it."""
    lines = []
    for field, messages in error.message_dict.items():
        label = capfirst(str(getattr(model._meta.get_field(field), "verbose_name", field)))
        lines.append(f"{label}: {' '.join(messages)}")
    return "\n".join(lines)
