"""The cast: who it holds, that they can act, and that it keeps away from real installations."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from dxportal.accounts.models import Municipality
from surveys.models import Wave
from tests import factories


@pytest.fixture(autouse=True)
def own_keys(settings: Any, tmp_path: Path) -> None:
    """The keys of open waves stay here, so that no other test finds them left over."""
    settings.KEY_DIR = tmp_path / "keys"


@pytest.mark.django_db(transaction=True)
def test_seed_cast_writes_three_municipalities_whose_people_can_act(tmp_path: Path) -> None:
    out = tmp_path / "cast.json"
    call_command("seed_cast", "--seed", "7", "--out", str(out), stdout=StringIO())
    assert out.stat().st_mode & 0o077 == 0
    cast = json.loads(out.read_text(encoding="utf-8"))
    assert len(cast["municipalities"]) == 3
    assert Wave.objects.filter(state="open").count() == 3
    single = {"head", "promoter", "dx_office", "cdo", "auditor", "admin"}
    for place in cast["municipalities"]:
        roles = [person["role"] for person in place["users"]]
        assert roles.count("employee") == 40
        assert all(roles.count(role) == 1 for role in single)
        by_role = {person["role"]: person for person in place["users"]}
        urls = place["urls"]
        assert set(urls) == {
            "sign_in",
            "answer",
            "initiative_edit",
            "dashboard",
            "import",
            "export",
        }
        for role, path in (
            ("employee", urls["answer"]),
            ("dx_office", urls["initiative_edit"]),
            ("dx_office", urls["export"]),
            ("dx_office", urls["import"]),
            ("cdo", urls["dashboard"]),
        ):
            browser = Client()
            person = {key: by_role[role][key] for key in ("email", "password")}
            assert browser.post(urls["sign_in"], person).status_code == 302
            assert browser.get(path).status_code == 200, (role, path)
    host = {key: cast["host"][key] for key in ("email", "password")}
    assert Client().post(urls["sign_in"], host).status_code == 302


def test_seed_cast_refuses_an_installation_in_use(db: None, tmp_path: Path) -> None:
    factories.municipality()
    with pytest.raises(CommandError):
        call_command("seed_cast", "--out", str(tmp_path / "cast.json"))
    assert Municipality.objects.count() == 1
    assert not (tmp_path / "cast.json").exists()
