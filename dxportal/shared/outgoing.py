"""One call to an address that somebody typed: five seconds, no redirect, not to this machine."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext as _

#: The whole call, in seconds; a server that lets bytes drip is cut off as well.
TIMEOUT: Final = 5.0
_PORTS: Final = {"http": 80, "https": 443}
#: Where clouds answer with the machine's own secrets; 169.254.0.0/16 is link-local.
_METADATA: Final = (
    ipaddress.ip_address("fd00:ec2::254"),
    ipaddress.ip_address("100.100.100.200"),
)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Answer:
    """A status, or the word for why there is none. `code` is what is kept of it."""

    status: int | None = None
    problem: str = ""

    @property
    def accepted(self) -> bool:
        """2xx."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def code(self) -> str:
        """A short text to keep: "status 503", "timeout"."""
        return self.problem if self.status is None else f"status {self.status}"


class AddressRefused(ValueError):
    """The address is none that may be called; `code` is its word in `words_of`."""

    def __init__(self, code: str) -> None:
        """Keep the word."""
        super().__init__(code)
        self.code = code


def words_of(code: str) -> str:
    """A kept code as a sentence that says what to do."""
    words = {
        "address": _("The address must begin with http:// or https:// and name a host."),
        "local": _("The address leads to this machine or to a service of its network card."),
        "unknown host": _("The name of the host is not known here. Check the address."),
        "timeout": _("There was no answer within five seconds."),
        "refused": _("Nobody listens at that address and port."),
        "certificate": _("The certificate of the other side is not trusted here."),
        "no answer": _("The connection broke off before there was an answer."),
    }
    if not code.startswith("status "):
        return words.get(code, code)
    status = code.removeprefix("status ")
    return _status_words(int(status)) % {"status": status}


def _status_words(status: int) -> str:
    if 200 <= status < 300:
        return _("It was accepted (%(status)s).")
    if 300 <= status < 400:
        return _("It pointed to another address (%(status)s). Enter that address itself.")
    if status in {401, 403}:
        return _("It was refused (%(status)s). Check the secret on the other side.")
    if status in {404, 405, 410}:
        return _("There is nothing to take it at that address (%(status)s).")
    if status >= 500:
        return _("The other side had an error of its own (%(status)s).")
    return _("It was not accepted (%(status)s).")


def check_address(url: str) -> SplitResult:
    """The parts of an address that may be called; raises AddressRefused. Nothing is looked up."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefused("address") from None
    plain = url.isascii() and url.isprintable() and " " not in url
    if parts.scheme not in _PORTS or not parts.hostname or port == 0 or not plain:
        raise AddressRefused("address")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused("address")
    return parts


def is_own(address: Address) -> bool:
    """Whether it leads to this machine, its network card or a cloud's metadata."""
    mapped = getattr(address, "ipv4_mapped", None)
    found: Address = mapped or address
    special = found.is_loopback or found.is_link_local or found.is_unspecified
    return special or found.is_multicast or found in _METADATA


def _look_up(host: str, port: int, *, may_be_local: bool) -> tuple[str, int]:
    """The address to connect to; every one that the name has must be allowed."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise AddressRefused("unknown host") from None
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    if not may_be_local and any(is_own(ipaddress.ip_address(text)) for text in addresses):
        raise AddressRefused("local")
    return addresses[0], port


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was looked up and checked; the name is not asked again."""

    def __init__(
        self, host: str, port: int, target: tuple[str, int], context: ssl.SSLContext | None
    ) -> None:
        super().__init__(host, port, timeout=TIMEOUT)
        self._target, self._context = target, context

    def connect(self) -> None:
        """Connect to the checked address; the certificate must be that of the name."""
        plain = socket.create_connection(self._target, TIMEOUT)
        self.sock = plain
        if self._context is not None:
            self.sock = self._context.wrap_socket(plain, server_hostname=self.host)

    def cut(self) -> None:
        """End a call that takes too long, from another thread."""
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)


def post(url: str, body: bytes, headers: Mapping[str, str], *, may_be_local: bool) -> Answer:
    """Send and tell the status. Redirects are not followed, the answer's text is not read."""
    try:
        parts = check_address(url)
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        target = _look_up(host, port, may_be_local=may_be_local)
    except AddressRefused as refused:
        return Answer(problem=refused.code)
    context = ssl.create_default_context() if parts.scheme == "https" else None
    connection = _Pinned(host, port, target, context)
    cut = threading.Event()

    def too_long() -> None:
        cut.set()
        connection.cut()

    timer = threading.Timer(TIMEOUT, too_long)
    timer.daemon = True
    timer.start()
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", path, body, dict(headers))
        return Answer(connection.getresponse().status)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Answer(problem="timeout" if cut.is_set() else _problem(error))
    finally:
        timer.cancel()
        connection.close()


def _problem(error: Exception) -> str:
    kinds: tuple[tuple[type[Exception], str], ...] = (
        (TimeoutError, "timeout"),
        (ConnectionRefusedError, "refused"),
        (ssl.SSLCertVerificationError, "certificate"),
    )
    return next((word for kind, word in kinds if isinstance(error, kind)), "no answer")
