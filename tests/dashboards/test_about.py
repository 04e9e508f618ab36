"""The page about the program: open to everybody, and true of the files that run."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dxportal.dashboards.views.about import parts
from tests import factories

ROOT = Path(__file__).resolve().parent.parent.parent


def opened(client: Client) -> str:
    """The page as text."""
    response = client.get("/about/")
    assert response.status_code == 200
    return response.content.decode()


def test_strangers_read_version_licence_and_where_the_source_is(
    client: Client, settings: Any
) -> None:
    settings.SOURCE_URL = ""
    html = opened(client)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert f'<span class="num">{project["version"]}</span>' in html
    assert project["license"] in html
    assert "Remote Network Interaction" in html
    assert 'rel="noopener"' not in html.split("</h1>")[1]


def test_address_of_the_source_is_a_link(client: Client, settings: Any) -> None:
    settings.SOURCE_URL = "https://code.city.example/dx?a=1&b=2"
    assert '<a href="https://code.city.example/dx?a=1&amp;b=2" rel="noopener">' in opened(client)


def test_every_vendored_file_is_named_with_its_licence(client: Client) -> None:
    vendor = ROOT / "static" / "vendor"
    html = opened(client)
    named = parts(vendor)
    files = [path.name for path in vendor.iterdir() if path.suffix in {".js", ".css"}]
    assert len(files) >= 3
    for name in files:
        part = next(part for part in named if name.startswith(f"{part.name}-{part.version}"))
        assert part.text.strip().splitlines()[2] in html, "the copyright line"
        assert part.licence in html


@pytest.mark.django_db
def test_every_page_leads_there(client: Client) -> None:
    link = f'href="{reverse("about")}"'
    assert link in client.get(reverse("accounts:sign_in")).content.decode()
    client.force_login(factories.user(factories.municipality()))
    assert link in client.get(reverse("accounts:role_table")).content.decode()


@pytest.mark.parametrize(("address", "starts"), [("javascript:alert(1)", False), ("", True)])
def test_source_that_is_no_web_address_stops_the_start(address: str, starts: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import dxportal.settings"],
        cwd=ROOT,
        env={**os.environ, "SOURCE_URL": address},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) == starts
    assert ("SOURCE_URL" in done.stderr) != starts
