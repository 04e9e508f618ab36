"""The example municipality: through actions, the same for the same seed, nobody's answer kept."""

import datetime as dt
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from dxportal.accounts.models import Event, Municipality, RoleGrant, User
from dxportal.dashboards.seeding.plan import choose_sections, draw_sizes, draw_town
from dxportal.dashboards.seeding.timeline import moment
from roadmap.choices import Axis
from roadmap.models import (
    AdoptionVerdict,
    Assessment,
    DirtyMark,
    Initiative,
    PositionSnapshot,
    Training,
    Update,
)
from surveys import audits
from surveys.models import Commitment, SealedBallot, SegmentGroup, Wave, WaveEligibility
from tests import factories

PASSWORD = "staircase-up-2026"
AS_OF = "2026-06-17"
SMALL = ("--departments", "6", "--staff", "80", "--initiatives", "8")
OTHER_CODE = "999989"


@pytest.fixture(autouse=True)
def own_keys(settings: Any, tmp_path: Path) -> None:
    """The keys of open waves stay here, so that no other test finds them left over."""
    settings.KEY_DIR = tmp_path / "keys"


def seed(code: str = "999997", *options: str, small: bool = True) -> str:
    """Run the command; return what it printed."""
    out = StringIO()
    sizes = SMALL if small else ()
    given = ("--municipality", code, "--password", PASSWORD, "--as-of", AS_OF)
    call_command("seed_demo", *given, *sizes, *options, stdout=out)
    return out.getvalue()


def figures(code: str) -> dict[str, object]:
    """What two towns of the same seed must agree on."""
    place = Municipality.objects.get(code=code)
    positions = PositionSnapshot.objects.filter(municipality=place)
    return {
        "people": list(place.users.order_by("pk").values_list("name", "employment")),
        "departments": list(place.departments.order_by("code").values_list("code", "name")),
        "initiatives": list(place.initiatives.order_by("pk").values_list("title", "launched_on")),
        "updates": Update.objects.filter(initiative__municipality=place).count(),
        "assessments": Assessment.objects.filter(department__municipality=place).count(),
        "verdicts": list(
            AdoptionVerdict.objects.filter(initiative__municipality=place)
            .order_by("on", "pk")
            .values_list("on", "verdict", "figures")
        ),
        "waves": list(
            Wave.objects.filter(survey__municipality=place)
            .order_by("pk")
            .values_list("label", "state", "counted")
        ),
        "groups": list(
            SegmentGroup.objects.filter(wave__survey__municipality=place)
            .order_by("wave_id", "order")
            .values_list("label", "n", "eligible")
        ),
        "positions": list(
            positions.order_by("period", "department__code", "axis").values_list(
                "period", "department__name", "axis", "current"
            )
        ),
    }


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_seed_demo_fills_a_town_whose_people_can_sign_in() -> None:
    seed()
    place = Municipality.objects.get(code="999997")
    assert place.departments.filter(stands=True).count() == 6
    assert User.objects.filter(municipality=place, department__isnull=False).count() == 80
    assert place.initiatives.count() == 8
    for account in ("admin", "dx", "cdo", "auditor", "head1", "promoter1", "staff1"):
        data = {"email": f"{account}@mihon.example", "password": PASSWORD}
        assert Client().post(reverse("accounts:sign_in"), data).status_code == 302, account
    staff1 = User.objects.get(email="staff1@mihon.example")
    head1 = User.objects.get(email="head1@mihon.example")
    assert staff1.department == head1.department
    states = list(Wave.objects.order_by("opens_at").values_list("survey__template", "state"))
    assert states.count(("pain", "published")) == 1
    assert states.count(("pain", "open")) == 1
    assert states.count(("pulse", "published")) == 2
    open_wave = Wave.objects.get(survey__template="pain", state="open")
    assert open_wave.eligible.filter(employee=staff1).exists()
    assert staff1.department is not None
    shown = (staff1.department_id, staff1.department.bureau_id)
    assert SegmentGroup.objects.filter(
        wave__survey__template="pain", department_id__in=shown, n__gte=5
    ).exists()
    assert Commitment.objects.filter(wave__survey__municipality=place).count() >= 5
    assert not DirtyMark.objects.filter(municipality=place).exists()
    assert PositionSnapshot.objects.values("period").distinct().count() >= 12
    terms = RoleGrant.objects.promoters().filter(user__municipality=place)
    assert {bool(term.chosen and term.valid_to) for term in terms} == {True}
    trainings = Training.objects.filter(municipality=place).with_people()
    assert [bool(row.people and row.sections) for row in trainings] == [True] * 3
    culture = PositionSnapshot.objects.filter(axis=Axis.CULTURE, current__gte=2)
    assert culture.exists()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_seed_demo_keeps_no_answer_and_is_the_same_for_the_same_seed() -> None:
    seed()
    seed(OTHER_CODE)
    assert figures("999997") == figures(OTHER_CODE)
    closed = Wave.objects.filter(state="published")
    assert closed.exists()
    assert not SealedBallot.objects.filter(wave__in=closed).exists()
    assert not WaveEligibility.objects.filter(wave__in=closed).exists()
    assert not closed.filter(key_destroyed_at=None).exists()
    found = audits.run(moment(dt.date.fromisoformat(AS_OF), 18))
    assert [(str(name), findings) for name, findings in found if findings] == []
    call_command("rollup", "--check", "--as-of", AS_OF, stdout=StringIO())


@pytest.mark.django_db(transaction=True)
def test_seed_demo_when_empty_creates_one_section_with_its_people_and_nothing_else() -> None:
    seed("999997", "--empty", small=False)
    place = Municipality.objects.get(code="999997")
    assert list(place.departments.filter(stands=True).values_list("name", flat=True)) == [
        "DX推進室"
    ]
    emails = set(place.users.values_list("email", flat=True))
    named = {"admin", "dx", "cdo", "auditor", "head1", *(f"staff{n}" for n in range(1, 13))}
    assert {f"{name}@mihon.example" for name in named} <= emails
    assert not Initiative.objects.exists()
    assert not Wave.objects.exists()
    assert place.themes.count() == 19
    assert Event.objects.filter(municipality_id=place.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_seed_demo_twice_changes_nothing_and_says_so() -> None:
    seed("999997", "--empty", small=False)
    before = User.objects.count()
    assert "見本市" in seed("999997", "--empty", small=False)
    assert User.objects.count() == before


def test_seed_demo_refuses_a_municipality_of_real_people(db: None) -> None:
    real = factories.municipality()
    with pytest.raises(CommandError, match=real.code):
        seed(real.code)


def test_seed_demo_refuses_a_code_with_a_wrong_check_digit(db: None) -> None:
    with pytest.raises(CommandError):
        seed("999990")
    assert not Municipality.objects.exists()


@pytest.mark.parametrize("count", [1, 2, 6, 20, 60, 150])
def test_choose_sections_gives_so_many_different_ones(count: int) -> None:
    chosen = choose_sections(count)
    assert len(set(chosen)) == len(chosen) == max(2, count)
    assert {"市民課", "DX推進室"} <= {name for _bureau, name in chosen}


@pytest.mark.parametrize(("sections", "staff"), [(6, 80), (60, 765), (60, 200), (12, 900)])
def test_draw_town_has_exactly_so_many_people(sections: int, staff: int) -> None:
    town = draw_town(Random(3), dt.date(2026, 3, 31), sections=sections, staff=staff)
    office = 1  # the account of the DX office
    people = sum(section.size for section in town.sections)
    assert people + len(town.bureaus) + office == staff


def test_draw_sizes_of_the_default_town_are_those_of_real_sections() -> None:
    names = [name for _bureau, name in choose_sections(60)]
    sizes = sorted(draw_sizes(Random(1), names, 753).values())
    assert sizes[0] >= 3
    assert sizes[-1] <= 40
    assert 9 <= sizes[len(sizes) // 2] <= 14
