"""Coming in and going out, and one's own password; each leaves an event, none a password."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import Enum

from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest

from dxportal.accounts.audit import record
from dxportal.accounts.models import User
from dxportal.accounts.throttle import count_try, forget_tries
from dxportal.shared.tenancy import municipality_scope

log = logging.getLogger("dxportal.accounts.sign_in")


class Outcome(Enum):
    """What became of one try."""

    RIGHT = "right"
    WRONG = "wrong"
    WAIT = "wait"


@dataclass(frozen=True)
class Attempt:
    """One try to sign in."""

    outcome: Outcome
    user: User | None = None


def check_password(request: HttpRequest, *, email: str, password: str) -> Attempt:
    """Check one try; after too many wrong ones not even the right password is looked at."""
    number = count_try(email)
    if number > settings.SIGN_IN_ATTEMPTS:
        if number == settings.SIGN_IN_ATTEMPTS + 1:
            _record_for(email, "sign_in.blocked")
        return Attempt(Outcome.WAIT)
    user = authenticate(request, email=email, password=password)
    if not isinstance(user, User):
        _record_for(email, "sign_in.failed")
        return Attempt(Outcome.WRONG)
    forget_tries(email)
    return Attempt(Outcome.RIGHT, user)


def record_sign_in(user: User) -> None:
    """The person is in."""
    with municipality_scope(user.municipality_id):
        record("sign_in", user, by=user)


def record_sign_out(user: User) -> None:
    """The person leaves."""
    with municipality_scope(user.municipality_id):
        record("sign_out", user, by=user)


def change_own_password(user: User, password: str, *, by: User) -> None:
    """Replace the password; sessions elsewhere end."""
    with municipality_scope(user.municipality_id):
        user.set_password(password)
        user.save(update_fields=["password"])
        record("password.changed", user, by=by)


def _record_for(email: str, action: str) -> None:
    """Leave an event on an account; what was typed for none may be a password and is not kept."""
    try:
        user = User.objects.get_by_natural_key(email)
    except User.DoesNotExist:
        log.info("%s: no such account", action)
        return
    with municipality_scope(user.municipality_id):
        record(action, user, by=None)
