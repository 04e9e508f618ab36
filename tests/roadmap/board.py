"""A small municipality for the tests of initiatives, and how to look into its pages."""

import re
from dataclasses import dataclass

from django.test import Client

from dxportal.accounts.choices import Role
from dxportal.accounts.models import Department, Municipality, User
from roadmap.models import Initiative, Update
from tests import factories

HTMX = {"HX-Request": "true"}


@dataclass
class Town:
    """A section with its people, and another section beside it."""

    municipality: Municipality
    section: Department
    other: Department
    office: User
    head: User
    promoter: User
    employee: User


def town(name: str = "見本市") -> Town:
    """One municipality in which somebody of each kind works."""
    here = factories.municipality(name)
    section = factories.department(here, "市民課")
    return Town(
        municipality=here,
        section=section,
        other=factories.department(here, "税務課"),
        office=factories.user(here, role=Role.DX_OFFICE, name="佐藤"),
        head=factories.user(here, role=Role.HEAD, of=section, name="鈴木"),
        promoter=factories.user(here, role=Role.PROMOTER, of=section, name="高橋"),
        employee=factories.user(here, of=section, name="田中"),
    )


def signed_in(user: User) -> Client:
    """A browser in which this person is signed in."""
    client = Client()
    client.force_login(user)
    return client


def latest(initiative: Initiative) -> Update:
    """The status as it stands in the database."""
    found = initiative.updates.order_by("-id").first()
    assert found is not None
    return found


def row_of(html: str, initiative: Initiative) -> str:
    """One row of a page without what differs by request: tokens and the saved mark."""
    found = re.search(rf'<tr id="initiative-row-{initiative.pk}".*?</tr>', html, re.S)
    assert found, "the row is not on the page"
    row = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", found[0])
    row = re.sub(r'<span class="saved".*?</svg>[^<]*</span>', "", row, flags=re.S)
    return re.sub(r"\s+", " ", row).replace("> <", "><")
