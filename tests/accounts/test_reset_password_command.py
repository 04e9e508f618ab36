"""The way back in when the last administrator has lost the password."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from dxportal.accounts.choices import Role
from dxportal.accounts.models import Event
from tests import factories

pytestmark = pytest.mark.django_db


def _run(email: str) -> str:
    out = StringIO()
    with translation.override("en"):
        call_command("reset_password", email, stdout=out)
    return out.getvalue()


def test_new_password_works_and_the_old_one_does_not():
    admin = factories.user(factories.municipality(staircase=False), role=Role.ADMIN)
    said = _run(f"  {admin.email.upper()} ")
    admin.refresh_from_db()
    assert admin.check_password(said.split("Password: ")[1].split()[0])
    assert not admin.check_password(factories.PASSWORD)
    event = Event.objects.get(action="person.password_reset")
    assert (event.channel, event.actor_id) == ("command", None)


def test_nobody_of_that_name_and_disabled_people_get_none():
    gone = factories.user(factories.municipality(staircase=False), is_active=False)
    with pytest.raises(CommandError, match="Nobody on this installation"):
        _run("nobody@example.test")
    with pytest.raises(CommandError, match="is disabled"):
        _run(gone.email)
    gone.refresh_from_db()
    assert gone.check_password(factories.PASSWORD)
