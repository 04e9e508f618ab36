"""Fields of a post that met an ended session: encrypted, carried through sign-in, sent again."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from dxportal.accounts.models import User

#: Cookie that says, to us only, who signed in here last; it ends with the browser's session.
LAST_USER = "last-user"
#: Longer tokens are not carried: they would not pass DATA_UPLOAD_MAX_MEMORY_SIZE.
MAX_TOKEN = 900_000
#: Seconds for which a carried form can be sent again.
MAX_AGE = 12 * 60 * 60


@dataclass(frozen=True)
class Carried:
    """One form on its way: where to, what, whose, and whether files were left behind."""

    path: str
    fields: tuple[tuple[str, str], ...]
    who: str
    files: bool


def mark_of(user: User) -> str:
    """A value that only this person with this password has: a reset by another changes it."""
    secret = f"{user.pk}:{user.get_session_auth_hash()}"
    return salted_hmac("dxportal.accounts.carry", secret, algorithm="sha256").hexdigest()


def seal(request: HttpRequest) -> str:
    """The posted fields as a token, or "" where nobody is known or there is too much.

    Never carried: the form's own token, passwords, files.
    """
    who = request.COOKIES.get(LAST_USER, "")
    if not who:
        return ""
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken" and "password" not in name.lower()
        for value in values
    ]
    content = [request.get_full_path(), fields, who, bool(request.FILES)]
    packed = zlib.compress(json.dumps(content).encode())
    token = _cipher().encrypt(packed).decode("ascii")
    return token if len(token) <= MAX_TOKEN else ""


def unseal(token: str) -> Carried | None:
    """What a token holds; None where it is ours no longer."""
    if not token:
        return None
    try:
        packed = _cipher().decrypt(token.encode("ascii", "replace"), ttl=MAX_AGE)
    except InvalidToken:
        return None
    path, fields, who, files = json.loads(zlib.decompress(packed))
    return Carried(path, tuple((name, value) for name, value in fields), who, files)


def _cipher() -> Fernet:
    """Keyed by the installation's secret, for this purpose only."""
    secret = f"dxportal.accounts.carry:{settings.SECRET_KEY}".encode()
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(secret).digest()))
