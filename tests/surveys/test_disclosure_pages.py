"""The disclosure auditor: every account, every page and file; nothing adds up to fewer than k."""

import datetime as dt
import os
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.urls import reverse

import surveys.results
from dxportal.accounts.choices import Role
from dxportal.accounts.models import User
from surveys.actions import closing, definitions, waves
from surveys.models import (
    CellTally,
    CrossPair,
    CrossTally,
    Option,
    Question,
    SegmentGroup,
    ThemeBurden,
    Wave,
)
from surveys.partition import Group
from tests import factories
from tests.surveys import outsider
from tests.surveys.boxes import own_key_dir
from tests.surveys.outsider import Seen, Truth
from tests.surveys.towns import NOW, Town, answer, close, town

pytestmark = pytest.mark.django_db
#: Bureaus with sections of three and two, one whose sections are all small, one undivided.
BUREAUS = ([9, 6, 3, 2], [12, 7, 11], [4, 4], [24])
AGREE = ("fully_agree", "rather_agree", "neutral", "rather_disagree", "fully_disagree", "unknown")
HALF_A_YEAR = dt.timedelta(days=182)


@dataclass
class Closed:
    """A published wave, and what was really answered in it."""

    wave: Wave
    truth: Truth


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    return own_key_dir(settings, tmp_path)


def _town() -> tuple[Town, dict[str, User]]:
    place = town(*BUREAUS)
    heads = [
        factories.user(place.municipality, role=Role.HEAD, of=section)
        for section in place.sections
        for _ in range(2)
    ]
    rest = [role for role in Role if role not in (Role.HOST, Role.HEAD, Role.DX_OFFICE)]
    roles = {
        role.value: factories.user(place.municipality, role=role, of=place.sections[-1])
        for role in rest
    }
    return place, {**roles, "head": heads[0], "other head": heads[-1], "office": place.office}


def _heads(place: Town) -> list[User]:
    found = User.objects.filter(municipality=place.municipality, grants__role=Role.HEAD)
    return list(found.exclude(department=None).order_by("pk"))


def _run(place: Town, survey: Any, label: str, given: Mapping[User, Any], **times: Any) -> Closed:
    opens = times.pop("opens_at", NOW)
    ends = opens + dt.timedelta(days=14)
    times = {"opens_at": opens, "closes_at": ends, "publish_at": ends, **times}
    wave = waves.plan_wave(survey, label=label, by=place.office, **times)
    wave = waves.open_wave(wave, by=place.office, now=opens)
    for person, answers in given.items():
        answer(wave, person, answers)
    truth = outsider.note(wave, {person.pk: answers for person, answers in given.items()})
    return Closed(close(wave), truth)


def _some(people: list[User], rng: random.Random) -> list[User]:
    """Four of five answer."""
    return [person for person in people if rng.random() < 0.8]


def _pain(place: Town, label: str, seed: int, survey: Any, **times: Any) -> Closed:
    rng = random.Random(seed)
    themes = ("paper", "phone", "meetings", "paper", "double_entry")
    given = {
        person: {
            "Q1": rng.choice(themes),
            "Q1b": rng.sample(["phone", "meetings", "handover"], rng.randrange(3)),
            "Q3": rng.choice(("daily", "weekly", "monthly")),
            "Q4": rng.choice(("under_5", "to_15", "to_30")),
            "Q5": rng.choice(("self", "team", "section")),
        }
        for person in _some(place.everybody, rng)
    }
    return _run(place, survey, label, given, **times)


def _pain_twice(place: Town) -> list[Closed]:
    survey = definitions.create_survey(place.municipality, "pain", by=place.office)
    codes = {question.code: question for question in survey.questions.all()}
    CrossPair.objects.create(survey=survey, rows=codes["Q3"], columns=codes["Q5"])
    first = _pain(place, "春", 1, survey, opens_at=NOW - HALF_A_YEAR)
    return [first, _pain(place, "秋", 2, survey)]


def _pulse(place: Town, template: Any, people: list[User], label: str, seed: int) -> Closed:
    rng = random.Random(seed)
    survey = definitions.create_survey(place.municipality, template, by=place.office)
    by_unit: dict[int | None, Any] = {}
    given = {}
    for person in _some(people, rng):
        liked = by_unit.setdefault(person.department_id, [rng.choice((0.02, 1, 6)) for _ in AGREE])
        given[person] = {f"P{n}": rng.choices(AGREE, liked)[0] for n in range(1, 10)}
    return _run(place, survey, label, given)


def _follow_up(place: Town) -> Closed:
    rng = random.Random(7)
    survey = definitions.create_survey(place.municipality, "follow_up", by=place.office)
    initiative = factories.initiative(place.municipality, "電子決裁", lead=place.sections[0])
    given = {}
    for person in _some(place.everybody, rng):
        used = rng.choice(("daily", "daily", "weekly", "monthly", "never"))
        given[person] = {
            "F1": used,
            "F2": rng.choice(("easier", "same", "much_easier")),
            "F4": rng.choice(("ended", "partly", "both")),
            **({"F5": ["slow"]} if used in ("monthly", "never") else {}),
        }
    return _run(place, survey, "電子決裁 3か月後", given, initiative=initiative)


def _branching(place: Town) -> Closed:
    rng = random.Random(11)
    survey = definitions.create_survey(place.municipality, "empty", by=place.office)
    for code, ask_if in (
        ("A1", None),
        ("A2", [{"question": "A1", "any_of": ["counter", "field"]}]),
        ("A3", None),
    ):
        question = Question.objects.create(
            survey=survey, code=code, kind="single", text=code, ask_if=ask_if, order=int(code[1])
        )
        for order, option in enumerate(("counter", "field", "inside")):
            Option.objects.create(question=question, code=option, label=option, order=order)
    given = {}
    for person in _some(place.everybody, rng):
        job = rng.choice(("counter", "field", "inside"))
        given[person] = {"A1": job, "A3": rng.choice(("counter", "inside"))}
        if job != "inside":
            given[person]["A2"] = rng.choice(("counter", "field", "inside"))
    return _run(place, survey, "枝分かれ", given)


KINDS = ("pain", "pulse and heads", "follow-up", "branching")


def _closed(place: Town, kind: str) -> list[Closed]:
    if kind == "pain":
        return _pain_twice(place)
    if kind == "follow-up":
        return [_follow_up(place)]
    if kind == "branching":
        return [_branching(place)]
    staff = _pulse(place, "pulse", place.everybody, "文化", 3)
    return [staff, _pulse(place, "pulse_heads", _heads(place), "文化 所属長", 5)]


# (ii) nothing adds up ----------------------------------------------------------------------------
@pytest.mark.parametrize("kind", KINDS)
def test_all_that_every_account_reads_adds_up_to_no_group_below_k(kind: str) -> None:
    place, people = _town()
    for closed in _closed(place, kind):
        seen = outsider.read_files(closed.wave, people.values())
        assert seen.readers >= 3
        assert len(seen.groups) > 3
        assert outsider.findings(closed.wave, seen, closed.truth) == []


@pytest.mark.parametrize("kind", KINDS)
def test_with_one_section_more_the_same_auditor_finds_a_group(kind: str) -> None:
    """The control: a section that was hidden beside smaller ones is told as well.

    That is what stands on a page where only sections under k are hidden.
    """
    place, people = _town()
    closed = _closed(place, kind)[0]
    seen = outsider.read_files(closed.wave, people.values())
    sizes, k = closed.truth.per_leaf(), closed.wave.k_cell
    beside = [
        Group("x", group.parent, "node", None, (leaf,), sizes[leaf])
        for group in outsider.groups_of(closed.wave, seen)
        for leaf in group.members
        if group.level == "merged" and sizes.get(leaf, 0) >= k and 0 < group.n - sizes[leaf] < k
    ]
    assert beside, "nothing was hidden beside smaller sections"
    for told in beside:
        found = outsider.findings(closed.wave, seen, closed.truth, also=[told])
        assert any("people can be derived" in sentence for sentence in found)


# (i) nothing but stored cells --------------------------------------------------------------------
def _stored(wave: Wave) -> Seen:
    """The published tables, read by SQL alone and written as the files are."""
    seen = Seen()
    plain = {"": "unanswered"}
    for cell in CellTally.objects.filter(wave=wave).select_related("group"):
        kind = "below_k" if cell.below_k else cell.bound
        count, percent = ("" if v is None else str(v) for v in (cell.count, cell.percent))
        at = (cell.question, cell.group.key, plain.get(cell.option, cell.option))
        seen.cells[at] = (str(cell.group.n), count, percent, kind)
    for group in SegmentGroup.objects.filter(wave=wave):
        seen.groups[group.key] = {"回答者数": group.n, "対象者数": group.eligible}
    for row in ThemeBurden.objects.filter(wave=wave).select_related("group", "theme"):
        seen.hours[row.theme.code, row.group.key] = (row.hours_low, row.hours_high)
    return seen


@pytest.mark.parametrize("kind", KINDS)
def test_files_hold_the_stored_cells_and_nothing_finer(kind: str) -> None:
    place, people = _town()
    for closed in _closed(place, kind):
        seen, stored = outsider.read_files(closed.wave, people.values()), _stored(closed.wave)
        assert seen.cells == stored.cells
        assert {
            key: {name: row[name] for name in ("回答者数", "対象者数")}
            for key, row in seen.groups.items()
        } == stored.groups
        told = {at: ends for at, ends in seen.hours.items() if ends != (None, None)}
        assert told == stored.hours
        crossed = sorted(n for pair in seen.crosses.values() for n in pair.values())
        assert crossed == sorted(
            CrossTally.objects.filter(wave=closed.wave).values_list("n", flat=True)
        )


STARTS = ("/dashboard/", "/surveys/", "/painpoints/", "/voices/", "/departments/", "/followups/")


def _extra(place: Town, people: Mapping[str, User], closed: list[Closed]) -> tuple[list[str], int]:
    """Numbers in rows of units, on pages made of numbers about groups, that no file has."""
    files = [(c.wave, outsider.read_files(c.wave, people.values())) for c in closed]
    units = {row["集団"] for _wave, seen in files for row in seen.groups.values()}
    allowed: dict[str, set[float]] = defaultdict(set)
    for wave, seen in files:
        for unit in units:
            allowed[unit] |= outsider.allowed_numbers(wave, seen, unit)
    for unit in units:  # a change is the difference of two shares of one unit
        allowed[unit] |= {abs(a - b) for a in allowed[unit] for b in allowed[unit]} & _FIVES
    extra, looked = [], 0
    results = [reverse("surveys:wave_results", args=[c.wave.pk]) for c in closed]
    for who, person in people.items():
        for page in _pages(person, results):
            if not page.numbered:
                continue
            for unit, text in outsider.rows_by_unit(page.html, units):
                looked += 1
                more = outsider.numbers(text) - allowed[unit]
                extra += [f"{who} {page.path}: {unit} {text}"] if more else []
    return extra, looked


_FIVES = {float(points) for points in range(0, 101, 5)}


def _pages(person: User, results: list[str]) -> Iterator[outsider.Page]:
    yield from outsider.crawl(person, [*results, *STARTS])
    yield from outsider.crawl(person, results, htmx=True, follow=False)


@pytest.mark.slow
def test_no_page_of_any_account_says_more_of_a_unit_than_the_files() -> None:
    place, people = _town()
    closed = [*_pain_twice(place), *_closed(place, "pulse and heads"), _follow_up(place)]

    extra, looked = _extra(place, people, closed)

    assert extra == []
    assert looked > 500


def test_a_page_that_shows_a_share_to_the_point_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: one unit's cell of one page is drawn two points off its stored step."""
    place, people = _town()
    closed = _pain_twice(place)
    real = surveys.results.shown

    def finer(cell: Any) -> Any:
        if cell is not None and cell.bound == "exact" and cell.count is None:
            return surveys.results.Shown(f"{cell.percent + 2}%", cell.percent + 2.0)
        return real(cell)

    monkeypatch.setattr(surveys.results, "shown", finer)
    extra, _looked = _extra(place, {"auditor": people["auditor"]}, closed)
    assert extra


def test_before_the_hour_no_account_reads_a_number() -> None:
    place, people = _town()
    later = {"publish_at": NOW + dt.timedelta(days=5000)}
    survey = definitions.create_survey(place.municipality, "pain", by=place.office)
    closed = _pain(place, "秋", 2, survey, **later)

    assert outsider.read_files(closed.wave, people.values()).readers == 0
    names = {bureau.name for bureau in place.bureaus} | {s.name for s in place.sections}
    for who in ("office", "head", "auditor"):
        results = [reverse("surveys:wave_results", args=[closed.wave.pk])]
        for page in _pages(people[who], results):
            if page.numbered:
                assert "%" not in "".join(t for _u, t in outsider.rows_by_unit(page.html, names))


# Many towns -------------------------------------------------------------------------------------
#: The suite looks at a few random organisations; docs/security.md tells of a run with 200.
TOWNS = int(os.environ.get("DXPORTAL_DISCLOSURE_TOWNS", "4"))


def _random_town(rng: random.Random) -> tuple[Town, dict[str, User]]:
    """One to four bureaus of one to five sections; sizes lognormal, median 7."""
    place = town(
        *(
            [max(1, round(rng.lognormvariate(1.95, 0.7))) for _section in range(rng.randint(1, 5))]
            for _bureau in range(rng.randint(1, 4))
        )
    )
    head = factories.user(place.municipality, role=Role.HEAD, of=rng.choice(place.sections))
    reads = {role.value: factories.user(place.municipality, role=role) for role in (
        Role.CDO, Role.AUDITOR, Role.ADMIN
    )}  # fmt: skip
    employee = rng.choice(place.everybody)
    return place, {**reads, "head": head, "office": place.office, "employee": employee}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(TOWNS))
def test_in_a_random_organisation_nothing_adds_up(seed: int) -> None:
    rng = random.Random(1000 + seed)
    place, people = _random_town(rng)
    kind = seed % 4
    if kind == 0:
        survey = definitions.create_survey(place.municipality, "pain", by=place.office)
        closed = _pain(place, "秋", seed, survey)
    elif kind == 1:
        closed = _pulse(place, "pulse", place.everybody, "文化", seed)
    else:
        closed = _follow_up(place) if kind == 2 else _branching(place)
    results = [reverse("surveys:wave_results", args=[closed.wave.pk])]
    if closed.wave.too_few:
        assert not SegmentGroup.objects.exists()
        assert not CellTally.objects.exists()
        return

    seen = outsider.read_files(closed.wave, people.values())
    units = {row["集団"] for row in seen.groups.values()}
    allowed = {unit: outsider.allowed_numbers(closed.wave, seen, unit) for unit in units}

    assert outsider.findings(closed.wave, seen, closed.truth) == []
    for person in people.values():
        for page in outsider.crawl(person, results, follow=False):
            for unit, text in outsider.rows_by_unit(page.html, units):
                assert outsider.numbers(text) <= allowed[unit], (page.path, unit, text)


# What a close leaves ------------------------------------------------------------------------------
#: Every table in which closing may add or change a row; what of these depends on answers is in
#: the published tables above, in levels and verdicts, or is text.
LEFT = {
    *("surveys_segmentgroup", "surveys_celltally", "surveys_crosstally", "surveys_themeburden"),
    *("surveys_rawvoice", "surveys_waveheadcount", "surveys_closeaudit", "surveys_wave"),
    *("roadmap_measuredvalue", "roadmap_adoptionverdict", "roadmap_dirtymark"),
    *("roadmap_adoptiontask", "roadmap_valueentry"),
    *("accounts_event", "accounts_outbox"),
}
GONE = {"surveys_sealedballot", "surveys_waveeligibility", "surveys_ticket"}


def _database() -> dict[str, set[str]]:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        found = {}
        for name in tables:
            cursor.execute(f'SELECT t::text FROM "{name}" t')
            found[name] = {row for (row,) in cursor.fetchall()}
    return found


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("template", ["pain", "pulse", "follow_up"])
def test_a_close_writes_only_into_tables_that_the_auditors_read(template: Any) -> None:
    place, _people = _town()
    survey = definitions.create_survey(place.municipality, template, by=place.office)
    more: dict[str, Any] = {}
    if template == "follow_up":
        more["initiative"] = factories.initiative(place.municipality, lead=place.sections[0])
    ends = NOW + dt.timedelta(days=14)
    wave = waves.plan_wave(
        survey, label="秋", by=place.office, opens_at=NOW, closes_at=ends, publish_at=ends, **more
    )
    wave = waves.open_wave(wave, by=place.office, now=NOW)
    for person in place.everybody:
        answer(wave, person, {"Q1": "paper", "P1": "neutral", "F1": "daily", "Q2": "転記"})
    before = _database()

    closing.close_wave(wave.pk, now=ends)
    closing.destroy_key(wave.pk)

    after = _database()
    changed = {name for name in after if after[name] != before[name]}
    assert changed <= LEFT | GONE
    assert not any(after[name] for name in GONE)
    assert "surveys_celltally" in changed
