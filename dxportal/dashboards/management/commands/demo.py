"""Try the product on one machine: `manage.py demo`."""

import os
import secrets
import signal
import socket
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError, call_command
from django.utils.translation import gettext as _

from dxportal.dashboards import demo_folder
from dxportal.dashboards.demo_folder import Seeded
from dxportal.shared import embedded

MUNICIPALITY = "999997"
DOMAIN = "mihon.example"
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class Command(BaseCommand):
    """Start everything in one go; stop everything with Ctrl-C or by closing the terminal."""

    requires_system_checks: list[str] = []

    @property
    def help(self) -> str:  # type: ignore[override]
        """One sentence for --help."""
        return _("Try the product on this machine, with an example municipality.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options."""
        parser.add_argument(
            "--port", type=int, default=8000, help=_("The port of the pages; otherwise 8000.")
        )
        parser.add_argument(
            "--host",
            default="127.0.0.1",
            help=_("The address to listen on; otherwise 127.0.0.1, which only this machine sees."),
        )
        parser.add_argument("--reset", action="store_true", help=_("Delete the data first."))
        parser.add_argument(
            "--empty", action="store_true", help=_("Create the accounts and nothing else.")
        )
        parser.add_argument("--password", help=_("The password of every account."))

    def handle(self, *_args: Any, **options: Any) -> None:
        """Turn every expected trouble into one sentence."""
        if os.environ.get("DATABASE_URL"):
            raise CommandError(
                _("The demo brings its own database. Unset DATABASE_URL to start it.")
            )
        _on_ending(_interrupt)
        try:
            self._run(**options)
        except embedded.EmbeddedError as error:
            raise CommandError(_(error.message) % error.values) from error
        except KeyboardInterrupt:
            _on_ending(signal.SIG_IGN)
            with suppress(OSError):  # the terminal may be gone
                self.stdout.write(_("Stopped."))

    def _run(
        self,
        *,
        port: int,
        host: str,
        reset: bool,
        empty: bool,
        password: str | None,
        **_options: Any,
    ) -> None:
        """Check, start the database, fill it once, then serve until Ctrl-C."""
        _check_password(password)
        _check_port(host, port)
        if reset:
            self._reset()
        demo_folder.prepare()
        server = embedded.start(demo_folder.database_folder())
        try:
            demo_folder.connect(server.urls)
            demo_folder.collect_static()
            call_command("migrate", database="owner", interactive=False, verbosity=0)
            seeded = self._seed(empty=empty, password=password)
            self._describe(server, seeded)
            demo_folder.disconnect()
            self._serve(host, port)
        finally:
            _on_ending(signal.SIG_IGN)
            server.stop()

    def _reset(self) -> None:
        """Delete the data of earlier runs, and say so."""
        if deleted := demo_folder.reset():
            paths = ", ".join(str(path) for path in deleted)
            self.stdout.write(_("Deleted: %(paths)s") % {"paths": paths})
        else:
            self.stdout.write(_("There was nothing to delete."))

    def _seed(self, *, empty: bool, password: str | None) -> Seeded:
        """Fill the database on the first start; a start that broke off is begun anew."""
        from dxportal.accounts.models import Municipality

        done = demo_folder.seeded()
        if done and Municipality.objects.exists():
            if password and password != done.password:
                self.stdout.write(
                    _("The data of the first start is kept, with its password. "
                      "Use --reset for a new one.")
                )  # fmt: skip
            elif empty:
                self.stdout.write(
                    _("The data of the first start is kept. Use --reset --empty to begin empty.")
                )
            return done
        self.stdout.write(_("First start: filling in the example municipality. Please wait."))
        if Municipality.objects.exists():
            call_command("flush", database="owner", interactive=False, verbosity=0)
        new = Seeded(password or _new_password(), empty)
        flags = ["--empty"] if empty else []
        arguments = ["--municipality", MUNICIPALITY, "--password", new.password, *flags]
        call_command("seed_demo", *arguments)
        demo_folder.remember(new)
        return new

    def _describe(self, server: embedded.Server, seeded: Seeded) -> None:
        """Print the accounts; the address comes last, when the pages answer."""
        if server.home != demo_folder.database_folder():
            self.stdout.write(_("The database is kept in %(path)s.") % {"path": server.home})
        self.stdout.write(_("Accounts (all with the password %(password)s):") % vars(seeded))
        for account, role in _accounts():
            self.stdout.write(f"  {account:<28} {role}")
        self.stdout.write(_("Ctrl-C stops everything. The data is kept for the next start."))

    def _serve(self, host: str, port: int) -> None:
        """Serve until a signal comes."""
        from dxportal.dashboards.demo_server import DemoServer

        name = f"[{host}]" if ":" in host else host
        address = f"http://{name}:{port}/"
        settings.SITE_URL = os.environ.get("DXPORTAL_SITE_URL") or address.rstrip("/")
        settings.ALLOWED_HOSTS.append(name)

        def say_ready() -> None:
            self.stdout.write(address)
            self.stdout.flush()

        self.stdout.flush()
        try:
            DemoServer(f"{name}:{port}", demo_folder.schedule_file(), say_ready).run()
        except SystemExit as end:
            if end.code:
                raise CommandError(_("The web server ended unexpectedly.")) from end
            raise KeyboardInterrupt from end


def _interrupt(*_args: Any) -> None:
    """SIGTERM and a closed terminal window mean the same as Ctrl-C."""
    raise KeyboardInterrupt


def _on_ending(handler: Callable[..., None] | signal.Handlers) -> None:
    """What happens when the run shall end; a hang-up that `nohup` let be ignored stays so."""
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if one != signal.SIGHUP or signal.getsignal(one) is not signal.SIG_IGN:
            signal.signal(one, handler)


def _check_password(password: str | None) -> None:
    """Refuse a password that nobody could choose in the product either."""
    if password is None:
        return
    try:
        validate_password(password)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from error


def _check_port(host: str, port: int) -> None:
    """Say at once when the address is taken, before anything is started."""
    values = {"host": host, "port": port}
    if not 0 < port < 65536:
        raise CommandError(_("Choose a port between 1 and 65535.") % values)
    try:
        family, *_rest, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise CommandError(
            _("%(host)s:%(port)s cannot be used; another program, perhaps another demo, "
              "may be listening there. Choose another port with --port.") % values
        ) from error  # fmt: skip


def _new_password() -> str:
    """Four groups of four that are easy to type."""
    return "-".join("".join(secrets.choice(LETTERS) for _i in range(4)) for _g in range(4))


def _accounts() -> list[tuple[str, str]]:
    """One account a role, of those that exist."""
    from dxportal.accounts.choices import Role
    from dxportal.accounts.models import User

    wanted = {
        "dx": Role.DX_OFFICE.label,
        "cdo": Role.CDO.label,
        "head1": Role.HEAD.label,
        "promoter1": Role.PROMOTER.label,
        "staff1": Role.EMPLOYEE.label,
        "auditor": Role.AUDITOR.label,
        "admin": Role.ADMIN.label,
    }
    emails = {f"{name}@{DOMAIN}": str(label) for name, label in wanted.items()}
    found = set(User.objects.filter(email__in=emails).values_list("email", flat=True))
    return [(email, label) for email, label in emails.items() if email in found]
