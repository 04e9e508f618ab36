"""Sign-in by e-mail and password."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from dxportal.accounts.models import User


class EmailBackend(BaseBackend):
    """Checks the password even when nobody has that e-mail, so that time tells nothing."""

    def authenticate(
        self,
        request: HttpRequest | None,
        email: str | None = None,
        password: str | None = None,
        **_kwargs: Any,
    ) -> User | None:
        """The person with that e-mail and password, if active."""
        if not email or password is None:
            return None
        try:
            user = User.objects.get_by_natural_key(email)
        except User.DoesNotExist:
            User().set_password(password)
            return None
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        """The active person of a session, with municipality and department at hand."""
        people = User.objects.select_related("municipality", "department")
        found: User | None = people.filter(pk=user_id, is_active=True).first()
        return found
