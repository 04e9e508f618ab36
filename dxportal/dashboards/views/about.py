"""What this program is, under which licence, and where its source is: for everybody (AGPL, 13)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

#: <name>-<version>.LICENSE.txt, beside the file that it is for.
_NAMED = re.compile(r"(?P<name>.+)-(?P<version>\d[\d.]*)\.LICENSE\.txt")


@dataclass(frozen=True)
class Part:
    """Something of somebody else that is delivered with the pages."""

    name: str
    version: str
    text: str

    @property
    def licence(self) -> str:
        """The first line of its licence says which one it is."""
        return self.text.strip().splitlines()[0]


@login_not_required
@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Version, licence, source, and the licences of what is vendored."""
    context = {
        "version": version(),
        "source_url": settings.SOURCE_URL,
        "licence_text": licence_text(),
        "parts": parts(settings.BASE_DIR / "static" / "vendor"),
    }
    return render(request, "dashboards/about.html", context)


@cache
def version() -> str:
    """The version of the files that run."""
    with (settings.BASE_DIR / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


@cache
def licence_text() -> str:
    """The whole licence, so that it can be read where there is no internet."""
    return str((settings.BASE_DIR / "LICENSE").read_text(encoding="utf-8"))


@cache
def parts(folder: Path) -> list[Part]:
    """What is vendored, by name."""
    found = ((path, _NAMED.fullmatch(path.name)) for path in sorted(folder.glob("*.LICENSE.txt")))
    return [
        Part(named["name"], named["version"], path.read_text(encoding="utf-8"))
        for path, named in found
        if named
    ]
