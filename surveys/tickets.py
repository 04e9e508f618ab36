"""One-time tickets: the token, its hash, how it is typed by hand, what a printed sheet shows."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from dataclasses import dataclass

import segno

#: Crockford's base 32: no I, L, O or U, so that a code read aloud or by hand stays the same.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
TOKEN_BITS = 128
#: 26 characters of 5 bits hold 128.
TOKEN_LENGTH = 26
GROUP = 4
#: What a code typed by hand can be at most; longer input is not looked at.
TYPED_LENGTH = 200
_LOOKS_LIKE = str.maketrans({"I": "1", "L": "1", "O": "0"})
_TOKEN = re.compile(rf"[{ALPHABET}]{{{TOKEN_LENGTH}}}")


@dataclass(frozen=True)
class Sheet:
    """One ticket as it is cut out: no name, and nothing that another ticket has too but these."""

    section: str
    address: str
    code: str
    qr: str


def new_token() -> str:
    """128 random bits, as 26 characters."""
    number = secrets.randbits(TOKEN_BITS)
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(TOKEN_LENGTH)))


def token_hash(token: str) -> bytes:
    """What is kept of a token; 128 random bits need neither salt nor key."""
    return hashlib.sha256(b"dxportal ticket " + token.encode("ascii")).digest()


def read_token(typed: str) -> str | None:
    """The token that was typed: case, spaces, hyphens, full width and look-alikes do not matter."""
    if len(typed) > TYPED_LENGTH:
        return None
    wide = unicodedata.normalize("NFKC", typed).upper()
    plain = "".join(letter for letter in wide if letter.isalnum()).translate(_LOOKS_LIKE)
    return plain if _TOKEN.fullmatch(plain) and plain[0] < "8" else None


def grouped(token: str) -> str:
    """The token as it is printed: in groups, so that nobody loses the place."""
    return "-".join(token[start : start + GROUP] for start in range(0, len(token), GROUP))


def sheet(token: str, *, section: str, address: str) -> Sheet:
    """The ticket of a token; `address` is the page where codes are typed, and ends in a slash."""
    picture = segno.make(f"{address}{token}/", error="m", micro=False)
    return Sheet(
        section=section,
        address=address,
        code=grouped(token),
        qr=picture.svg_data_uri(border=2, omitsize=True),
    )
