"""Answering every kind of question, from its page to what the close leaves of it."""

import html
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from surveys.kinds import KINDS
from surveys.models import CellTally, CrossTally, SealedBallot, Wave
from tests.axe import axe_complaints
from tests.surveys import boxes, towns
from tests.surveys.test_kinds import ask, option

pytestmark = pytest.mark.django_db
#: In a class, and found nowhere by chance.
EXACT = "739134"


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    return boxes.own_key_dir(settings, tmp_path)


def _template(*, check: bool = True, **number: Any) -> dict[str, Any]:
    """Job, a branch by it, a frequency, and a number as the last page."""
    kinds = {code: KINDS[code].fixed or [] for code in ("job", "frequency", "scale")}
    after_job = [{"question": "J", "any_of": ["counter"]}]
    small = {**option("small", 1, 5), "label_ja": "5以下", "label_en": "Up to 5"}
    large = {**option("large", 6, 900_000), "label_ja": "6以上", "label_en": "6 or more"}
    return {
        "template": "empty",
        "version": 1,
        "title_ja": "しごとの調査",
        "title_en": "About work",
        "minutes": 2,
        "check": check,
        "audience": "staff",
        "questions": [
            ask("J", "job", *kinds["job"]),
            ask("W", "single", option("x"), option("y"), ask_if=after_job),
            ask("F", "frequency", *kinds["frequency"]),
            ask("S", "scale", *kinds["scale"]),
            ask("N", "number", small, large, hint_ja="件数", hint_en="How many", **number),
        ],
    }


def _client(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def _url(wave: Wave, name: str, *args: str) -> str:
    return reverse(f"surveys:answer_{name}", args=[wave.pk, *args])


def _post(client: Client, wave: Wave, action: str = "next", **data: Any) -> Any:
    return client.post(_url(wave, "send"), {"action": action, **data})


def _text(response: Any) -> str:
    return str(response.content.decode())


def _open(**template: Any) -> tuple[Wave, Client, Any]:
    town = boxes.open_town(template=_template(**template))
    return town.wave, _client(town.staff[0]), town.staff[0]


def test_a_number_is_asked_for_in_one_field_with_its_range() -> None:
    wave, client, _person = _open()

    page = _text(client.get(_url(wave, "question", "N")))

    assert 'inputmode="numeric"' in page
    assert page.count('name="answer"') == 1
    assert 'aria-describedby="hint limit"' in page
    assert "1" in page
    assert "900,000" in page
    assert "5以下" not in page  # classes are for the results, not for answering


def test_a_number_is_asked_for_in_english_too() -> None:
    wave, client, _person = _open()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"

    page = _text(client.get(_url(wave, "question", "N")))
    refused = _text(_post(client, wave, code="N", answer="many"))

    assert "A whole number from 1 to 900,000" in page
    assert "How many" in page
    assert "Please enter a whole number from 1 to 900,000." in refused


@pytest.mark.parametrize("typed", ["十", "1.5", "0", "900001", "-3"])
def test_a_number_that_cannot_be_stays_on_the_page_with_the_range(typed: str) -> None:
    wave, client, _person = _open()

    response = _post(client, wave, code="N", answer=typed)

    page = _text(response)
    assert response.status_code == 422
    assert f'value="{typed}"' in page
    assert 'aria-invalid="true"' in page
    assert page.count("900,000") == 3  # summary, error beside the field, range below it
    assert not SealedBallot.objects.exists()


def test_a_number_typed_in_full_width_is_kept_and_shown_with_its_thousands() -> None:
    wave, client, _person = _open()

    sent_on = _post(client, wave, code="N", answer="１，２００")
    check = _text(client.get(_url(wave, "check")))
    again = _text(client.get(_url(wave, "question", "N")))

    assert sent_on.url == _url(wave, "check")
    assert "1,200" in check
    assert 'value="1200"' in again


def test_a_number_may_be_left_empty_unless_it_is_required() -> None:
    wave, client, _person = _open()
    strict, other, _somebody = _open(required=True)

    assert _post(client, wave, code="N", answer="").status_code == 302
    assert _post(other, strict, code="N", answer="").status_code == 422
    assert _post(other, strict, "later", code="N", answer="").status_code == 302


def test_the_way_follows_the_kind_of_work() -> None:
    wave, client, _person = _open()

    counter = _post(client, wave, code="J", answer="counter")
    office = _post(client, wave, code="J", answer="office")

    assert counter.url == _url(wave, "question", "W")
    assert office.url == _url(wave, "question", "F")
    assert "1 / 4" in _text(client.get(_url(wave, "question", "J")))


def test_the_last_page_sends_only_where_nothing_can_follow() -> None:
    wave, client, _person = _open(check=False)

    job, number = (_text(client.get(_url(wave, "question", code))) for code in ("J", "N"))
    sent = _post(client, wave, "send", code="N", answer="7")

    assert 'value="next"' in job
    assert 'value="send"' in number
    assert sent.url == _url(wave, "thanks")


def test_a_page_that_may_lead_on_does_not_send() -> None:
    template = _template(check=False)
    template["questions"] = template["questions"][:2]  # job, then a branch that may not come
    town = boxes.open_town(template=template)
    client = _client(town.staff[0])

    page = _text(client.get(_url(town.wave, "question", "J")))

    assert 'value="next"' in page
    assert 'value="send"' not in page


def test_every_kind_is_shown_before_sending_in_words() -> None:
    wave, client, _person = _open()
    given = {"J": "counter", "W": "y", "F": "weekly", "S": "unknown", "N": "12"}
    for code, answer in given.items():
        assert _post(client, wave, code=code, answer=answer).status_code == 302

    check = _text(client.get(_url(wave, "check")))

    for words in ("窓口の仕事", "週に数回", "分からない", ">12<"):
        assert words in check


def test_a_second_sending_starts_empty_and_carries_numbers_in_the_page() -> None:
    wave, client, _person = _open()
    _post(client, wave, "send", code="N", answer="33")

    first = _post(client, wave, "again")
    carried = re.search(r'name="carry" value="([^"]+)"', _text(first))
    assert carried
    carry = html.unescape(carried[1])
    refused = _post(client, wave, code="N", answer="nothing", carry=carry)
    page = _post(client, wave, code="N", answer="4,444", carry=carry)

    assert "33" not in re.findall(r'value="(\d+)"', _text(first))
    assert refused.status_code == 422
    assert 'value="nothing"' in _text(refused)
    assert "4,444" in _text(page)


def test_a_number_that_was_typed_stays_when_the_wave_closed_meanwhile() -> None:
    wave, client, _person = _open()
    Wave.objects.filter(pk=wave.pk).update(closes_at=timezone.now())

    kept = _post(client, wave, code="N", answer="１２３")
    odd = _post(client, wave, code="N", answer="百二十三")

    assert kept.status_code == 409
    assert "123" in _text(kept)
    assert "百二十三" in _text(odd)


# The close ---------------------------------------------------------------------------------------
def _where(needle: str) -> list[str]:
    """Tables in which some row, written out, contains the text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace"
        )
        names = [name for (name,) in cursor.fetchall()]
        found = []
        for name in names:
            cursor.execute(
                f'SELECT 1 FROM "{name}" t WHERE t::text LIKE %s LIMIT 1', [f"%{needle}%"]
            )
            found += [name] if cursor.fetchone() else []
    return found


def _closed_with_numbers() -> Wave:
    place = towns.town([24], [24])
    wave = towns.open_wave(place, _template(), crosses=[("N", "J")])
    groups = ({"J": "counter", "N": EXACT}, {"J": "office", "N": "3"}, {})
    for at, person in enumerate(place.everybody):
        towns.answer(wave, person, groups[at % 3])
    return towns.close(wave)


def test_of_a_number_only_its_class_is_stored() -> None:
    wave = _closed_with_numbers()

    assert _where(EXACT) == []
    cells = CellTally.objects.filter(wave=wave, question="N", count__isnull=False)
    assert dict(cells.values_list("option", "count")) == {"small": 16, "large": 16, "": 16}
    crossed = CrossTally.objects.filter(wave=wave).values_list("row_option", "column_option", "n")
    assert set(crossed) == {
        ("small", "office", 16),
        ("large", "counter", 16),
        ("", "", 16),
    }


def test_the_search_does_find_a_number_that_was_stored() -> None:
    wave = _closed_with_numbers()
    group = wave.groups.first()
    assert group is not None

    CellTally.objects.create(
        wave=wave, group=group, question="N", option=EXACT, count=24, bound="exact"
    )

    assert _where(EXACT) == ["surveys_celltally"]


def test_the_kind_of_work_is_stored_for_all_staff_only() -> None:
    wave = _closed_with_numbers()

    stored = CellTally.objects.filter(wave=wave)
    levels = {
        q: set(stored.filter(question=q).values_list("group__level", flat=True)) for q in "JN"
    }
    assert levels["J"] == {"all"}
    assert levels["N"] == {"all", "node"}


# In a browser ------------------------------------------------------------------------------------
@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_number_page_is_in_order_at_every_width(page: Any, sign_in: Any) -> None:
    town = boxes.open_town(template=_template())
    sign_in(town.staff[0])
    base = f"/answer/{town.wave.pk}/"

    for width in (320, 375, 1280):
        page.set_viewport_size({"width": width, "height": 812})
        page.goto(f"{base}N/")
        _in_order(page, width)
        page.get_by_label("N").fill("１０００００００")
        page.get_by_label("N").press("Enter")
        page.wait_for_selector(".err-summary")
        _in_order(page, width)
    page.locator(".err-summary a").click()
    assert page.evaluate("document.activeElement.id") == "answer-0"
    page.keyboard.press("Control+a")
    page.keyboard.type("４２")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{base}check/")
    assert "42" in page.locator("#row-N").inner_text()


def _in_order(page: Any, width: int) -> None:
    found = axe_complaints(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("#answer-0").bounding_box()["height"] >= 44
