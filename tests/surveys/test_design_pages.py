"""The designer's pages: making a survey, its questions, cross tables, settings, trying it out."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dxportal.accounts.models import Event
from surveys.actions import crosses, definitions, designing, waves
from surveys.actions.designing import OptionFields, QuestionFields
from surveys.choices import Template
from surveys.models import CrossPair, Question, SealedBallot, Survey
from tests import factories
from tests.surveys import boxes, towns

pytestmark = pytest.mark.django_db
NEW = {"kind": "single", "text": "忙しいですか。", "rows": "3", "action": "save"}
ANSWERS = {"row0-label": "はい", "row1-label": "いいえ", "row2-label": ""}


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    return boxes.own_key_dir(settings, tmp_path)


@pytest.fixture
def town() -> boxes.Town:
    """A town with an open wave of the pain survey."""
    return boxes.open_town()


@pytest.fixture
def client(town: boxes.Town) -> Client:
    """The DX office's browser."""
    return _client(town.office)


@pytest.fixture
def survey(town: boxes.Town) -> Survey:
    """A survey of the town that was never asked, with two questions."""
    made = definitions.create_survey(
        town.municipality, Template.EMPTY, title="残業", by=town.office
    )
    _add(made, "忙しいですか。")
    _add(made, "何時間ですか。", options=(OptionFields("短い"), OptionFields("長い")))
    return made


def _client(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def _add(survey: Survey, text: str, **fields: Any) -> Question:
    version = Survey.objects.get(pk=survey.pk).version
    fields = {"options": (OptionFields("はい"), OptionFields("いいえ")), **fields}
    wish = QuestionFields(kind=fields.pop("kind", "single"), text=text, **fields)
    return designing.add_question(survey, wish, version=version, by=None)


def _url(name: str, *args: Any) -> str:
    return reverse(f"surveys:{name}", args=args)


def _version(survey: Survey) -> str:
    return str(Survey.objects.get(pk=survey.pk).version)


def _text(page: Any) -> str:
    return re.sub(r"\s+", " ", page.content.decode())


def _fields(page: Any) -> dict[str, Any]:
    """What the page's question form would post as it stands."""
    form = page.context["form"]
    data: dict[str, Any] = {
        "version": str(page.context["version"]),
        "rows": str(len(form.rows)),
        "action": "save",
    }
    for field in form:
        value = field.value()
        if value not in (None, False):
            data[field.html_name] = value
    for row in form.rows:
        data.update({f.html_name: f.value() for f in row if f.value() not in (None, False)})
    for code, answers in form.ask_if.items():
        data[f"when-{code}"] = answers
    return data


# Making one -----------------------------------------------------------------------------------
@pytest.mark.parametrize("template", list(Template))
def test_a_survey_is_made_from_each_template(client: Client, template: str) -> None:
    data = {"template": template, "title": "わが町の調査", "title_en": "Ours", "audience": "heads"}

    page = client.post(_url("survey_create"), data, follow=True)

    made = Survey.objects.get(title="わが町の調査")
    assert page.status_code == 200
    assert (made.template, made.title_en) == (template, "Ours")
    assert made.audience == ("heads" if template in {"empty", "pulse_heads"} else "staff")


def test_every_template_says_what_it_costs(client: Client) -> None:
    page = client.get(_url("survey_create"))

    tiles = {tile.value: tile for tile in page.context["tiles"]}
    assert tiles.keys() == set(Template.values)
    assert (tiles["pain"].pages, tiles["pain"].taps) == (9, 19)
    assert tiles["empty"].pages == 0
    assert all(tile.sentence for tile in tiles.values())


def test_an_empty_survey_needs_a_title(client: Client) -> None:
    before = Survey.objects.count()

    page = client.post(_url("survey_create"), {"template": "empty", "title_en": "Mine"})

    assert page.status_code == 422
    assert 'value="Mine"' in page.content.decode()
    assert Survey.objects.count() == before


def test_a_copy_is_made_and_named(client: Client, survey: Survey) -> None:
    proposed = client.get(_url("survey_copy", survey.pk)).context["form"].initial["title"]
    client.post(_url("survey_copy", survey.pk), {"title": "冬の残業"})

    copy = Survey.objects.get(title="冬の残業")
    assert survey.title in proposed
    assert [q.code for q in copy.questions.all()] == [q.code for q in survey.questions.all()]


def test_a_survey_that_was_asked_says_why_it_stays(client: Client, town: boxes.Town) -> None:
    url = _url("survey_delete", town.wave.survey_id)

    page, sent = client.get(url), client.post(url)

    assert (page.status_code, sent.status_code) == (200, 409)
    assert page.context["kept"] == sent.context["kept"] != ""
    assert "btn danger" not in page.content.decode()
    assert Survey.objects.filter(pk=town.wave.survey_id).exists()


def test_a_survey_that_was_never_asked_is_deleted_after_a_question(
    client: Client, survey: Survey
) -> None:
    url = _url("survey_delete", survey.pk)

    asked = client.get(url)
    still_there = Survey.objects.filter(pk=survey.pk).exists()
    client.post(url)

    assert "btn danger" in asked.content.decode()
    assert still_there
    assert not Survey.objects.filter(pk=survey.pk).exists()


# The page of a survey ---------------------------------------------------------------------------
def test_the_page_tells_conditions_findings_and_figures_in_words(
    client: Client, survey: Survey
) -> None:
    first = survey.questions.get(text="忙しいですか。")
    yes = first.options.get(label="はい")
    condition = {"question": first.code, "any_of": [yes.code]}
    last = _add(survey, "いつからですか。", ask_if=(condition,))
    last.options.update(retired=True)

    page = client.get(survey.get_absolute_url())

    card = page.context["cards"][-1]
    assert "はい" in card.condition
    assert "忙しいですか。" in card.condition
    assert [line.places for line in page.context["errors"]] == [[(last.code, last.text)]]
    assert card.errors == [line.sentence for line in page.context["errors"]]
    assert f'href="#question-{last.code}"' in page.content.decode()
    assert f'id="question-{last.code}"' in page.content.decode()


def test_an_empty_survey_says_that_it_cannot_open(client: Client, town: boxes.Town) -> None:
    empty = definitions.create_survey(town.municipality, "empty", title="空", by=None)

    page = client.get(empty.get_absolute_url())

    assert len(page.context["errors"]) == 1
    assert _url("question_create", empty.pk) in page.content.decode()


def test_the_page_says_that_a_running_round_is_not_touched(
    client: Client, town: boxes.Town, survey: Survey
) -> None:
    running, idle = (
        client.get(town.wave.survey.get_absolute_url()),
        client.get(survey.get_absolute_url()),
    )

    assert (running.context["running"], idle.context["running"]) == (True, False)


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_takes_the_same_statements_for_any_number_of_questions(
    client: Client, town: boxes.Town, number: int, django_assert_num_queries: Any
) -> None:
    survey = definitions.create_survey(town.municipality, "empty", title="数", by=None)
    asked = [_add(survey, f"質問{n}") for n in range(number)]
    for question in asked[1:]:
        crosses.add_cross(survey, asked[0], question, version=int(_version(survey)), by=town.office)
    url = survey.get_absolute_url()
    client.get(url)

    with django_assert_num_queries(PAGE_QUERIES):
        client.get(url)


#: Session, person and menu, survey, questions, answers, cross tables, rounds, organisation.
PAGE_QUERIES = 16


# Questions ------------------------------------------------------------------------------------
def test_a_question_is_added_with_its_answers(client: Client, survey: Survey) -> None:
    data = {**NEW, **ANSWERS, "text": "元気ですか。", "text_en": "Well?", "required": "on"}
    url = _url("question_create", survey.pk)

    page = client.post(url, {**data, "version": _version(survey)})

    made = survey.questions.get(text="元気ですか。")
    assert page.url == f"{survey.get_absolute_url()}#question-{made.code}"
    assert (made.text_en, made.required) == ("Well?", True)
    assert [option.label for option in made.options.all()] == ["はい", "いいえ"]
    assert Event.objects.filter(action="question.added", object_id=made.pk).exists()


def test_more_rows_come_from_the_server_and_keep_what_was_typed(
    client: Client, survey: Survey
) -> None:
    data = {**NEW, **ANSWERS, "text": "書きかけ", "action": "rows", "version": "1"}
    before = survey.questions.count()

    page = client.post(_url("question_create", survey.pk), data)

    assert page.status_code == 200
    assert len(page.context["form"].rows) == 6
    assert 'value="書きかけ"' in page.content.decode()
    assert 'value="いいえ"' in page.content.decode()
    assert "err-summary" not in page.content.decode()
    assert survey.questions.count() == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": ""},
        {"kind": ""},
        {"kind": "unheard"},
        {"row1-label": ""},
        {"row1-label": "は い".replace(" ", "")},
        {"kind": "multiple", "max_choices": ""},
        {"kind": "multiple", "max_choices": "3"},
        {"kind": "multiple", "max_choices": "0"},
        {"row2-label_en": "English only"},
        {"kind": "number"},
        {"kind": "number", "row0-low": "5", "row0-high": "1", "row1-low": "6"},
        {"kind": "number", "row0-low": "0", "row0-high": "5", "row1-low": "5"},
        {"row0-label": "長" * 121},
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    client: Client, survey: Survey, wrong: dict[str, str]
) -> None:
    data = {**NEW, **ANSWERS, "hint": "残る手がかり", **wrong, "version": _version(survey)}
    before = survey.questions.count()

    page = client.post(_url("question_create", survey.pk), data)

    assert page.status_code == 422
    assert "err-summary" in page.content.decode()
    assert "残る手がかり" in page.content.decode()
    assert survey.questions.count() == before


def test_classes_of_a_number_are_ordered_and_named_after_their_bounds(
    client: Client, survey: Survey
) -> None:
    data = {
        **NEW,
        "kind": "number",
        "text": "何件ですか。",
        "row0-low": "10",
        "row1-low": "0",
        "row1-high": "9",
    }

    client.post(_url("question_create", survey.pk), {**data, "version": _version(survey)})

    made = survey.questions.get(text="何件ですか。")
    assert [(o.label, o.low, o.high) for o in made.options.all()] == [
        ("0〜9", 0, 9),
        ("10以上", 10, None),
    ]


def test_editing_reorders_relabels_and_leaves_out_with_the_same_codes(
    client: Client, survey: Survey
) -> None:
    question = survey.questions.get(text="忙しいですか。")
    yes, no = question.options.values_list("code", flat=True)
    url = _url("question_edit", survey.pk, question.code)
    data = _fields(client.get(url))

    changed = {"row0-place": "9", "row0-label": "はい、とても", "row2-label": "ときどき"}
    client.post(url, {**data, **changed})
    reordered = list(question.options.filter(retired=False).values_list("code", "label"))
    client.post(url, {**_fields(client.get(url)), "row0-gone": "on"})
    left = list(question.options.filter(retired=False).values_list("code", flat=True))
    client.post(url, {**_fields(client.get(url)), "back": no})

    assert reordered[0][0] == no
    assert (yes, "はい、とても") in reordered
    assert no not in left
    assert question.options.get(code=no).retired is False
    assert len({code for code, _label in reordered}) == 3


def test_conditions_are_ticked_shown_and_taken_off(client: Client, survey: Survey) -> None:
    first, second = survey.questions.order_by("order")
    yes = first.options.get(label="はい").code
    url = _url("question_edit", survey.pk, second.code)

    client.post(url, {**_fields(client.get(url)), f"when-{first.code}": [yes, "unheard"]})
    ticked = Question.objects.get(pk=second.pk).ask_if
    page = client.get(url)
    data = _fields(page)
    data.pop(f"when-{first.code}")
    client.post(url, data)

    assert ticked == [{"question": first.code, "any_of": [yes]}]
    assert f'value="{yes}" checked' in page.content.decode()
    assert Question.objects.get(pk=second.pk).ask_if is None


def test_the_second_of_two_editors_keeps_what_was_typed(client: Client, survey: Survey) -> None:
    question = survey.questions.get(text="忙しいですか。")
    url = _url("question_edit", survey.pk, question.code)
    mine = _fields(client.get(url))
    theirs = {**mine, "text": "とても忙しいですか。"}
    client.post(url, theirs)

    refused = client.post(url, {**mine, "text": "私の文です。"})
    once_more = client.post(url, _fields(refused) | {"text": "私の文です。"})

    text = refused.content.decode()
    assert refused.status_code == 409
    assert 'value="私の文です。"' in text
    assert "とても忙しいですか。" in text
    assert refused.context["theirs"].actor_name == "事務局"
    assert once_more.status_code == 302
    assert Question.objects.get(pk=question.pk).text == "私の文です。"


def test_the_second_of_two_who_change_settings_keeps_what_was_typed(
    client: Client, survey: Survey
) -> None:
    url = _url("survey_edit", survey.pk)
    data = {"title": "一", "title_en": "", "minutes": "2", "repeat": "", "version": "3"}
    client.post(url, data)

    refused = client.post(url, {**data, "title": "二"})

    assert refused.status_code == 409
    assert 'value="二"' in refused.content.decode()
    assert Survey.objects.get(pk=survey.pk).title == "一"
    again = client.post(url, {**data, "title": "二", "version": refused.context["version"]})
    assert again.status_code == 302
    assert Survey.objects.get(pk=survey.pk).title == "二"


def test_a_question_that_was_asked_keeps_its_kind(client: Client, town: boxes.Town) -> None:
    survey = town.wave.survey
    url = _url("question_edit", survey.pk, "Q5")
    page = client.get(url)

    client.post(url, {**_fields(page), "kind": "multiple", "text": "どこまでですか。"})

    question = survey.questions.get(code="Q5")
    assert 'name="kind"' not in page.content.decode()
    assert (question.kind, question.text) == ("single", "どこまでですか。")


def test_answers_that_figures_are_made_of_are_shown_and_not_edited(
    client: Client, town: boxes.Town
) -> None:
    url = _url("question_edit", town.wave.survey_id, "Q1")

    page = client.get(url)
    client.post(url, {**_fields(page), "rows": "1", "row0-label": "x", "text": "どれですか。"})

    question = Question.objects.get(survey=town.wave.survey_id, code="Q1")
    assert 'name="row0-label"' not in page.content.decode()
    assert question.text == "どれですか。"
    assert question.options.filter(retired=False).count() > 10


def test_moving_retiring_and_bringing_back(client: Client, survey: Survey) -> None:
    first, second = survey.questions.order_by("order")
    move = _url("question_move", survey.pk, second.code)

    client.post(move, {"direction": "up", "version": _version(survey)})
    order = [q["code"] for q in definitions.definition_of(survey)["questions"]]
    stale = client.post(move, {"direction": "down", "version": "1"})
    gone = client.post(_url("question_retire", survey.pk, first.code), follow=True)
    back = client.post(_url("question_restore", survey.pk, first.code))

    assert order == [second.code, first.code]
    assert stale.status_code == 409
    assert _url("question_restore", survey.pk, first.code) in gone.content.decode()
    assert first in gone.context["retired"]
    assert back.status_code == 302
    assert not Question.objects.get(pk=first.pk).retired


def test_what_cannot_be_done_is_said_on_the_page(client: Client, survey: Survey) -> None:
    first = survey.questions.get(text="忙しいですか。")
    yes = first.options.get(label="はい").code
    _add(survey, "なぜですか。", ask_if=({"question": first.code, "any_of": [yes]},))

    page = client.post(_url("question_retire", survey.pk, first.code))

    assert page.status_code == 409
    assert "なぜですか。" in page.context["problem"]
    assert not Question.objects.get(pk=first.pk).retired


# Cross tables ---------------------------------------------------------------------------------
def test_cross_tables_are_declared_with_a_warning_and_taken_back(
    client: Client, survey: Survey
) -> None:
    first, second = survey.questions.order_by("order")
    url = _url("survey_crosses", survey.pk)
    wish = {"rows": first.pk, "columns": second.pk}

    client.post(url, {**wish, "version": _version(survey)})
    page = client.get(url)
    twice = client.post(url, {**wish, "version": _version(survey)})
    stale = client.post(url, {**wish, "version": "1"})
    pair = CrossPair.objects.get()
    client.post(url, {"remove": pair.pk, "version": _version(survey)})

    about = [code for line in page.context["expected"] for code, _text in line.places]
    assert first.code in about
    assert (twice.status_code, stale.status_code) == (422, 409)
    assert not CrossPair.objects.exists()


def test_only_questions_of_the_survey_with_one_answer_are_offered(
    client: Client, survey: Survey, town: boxes.Town
) -> None:
    text = _add(survey, "ご自由に", kind="text")
    foreign = town.wave.survey.questions.get(code="Q5")
    first = survey.questions.get(text="忙しいですか。")
    url = _url("survey_crosses", survey.pk)

    for other in (text, foreign):
        data = {"rows": first.pk, "columns": other.pk, "version": _version(survey)}
        assert client.post(url, data).status_code == 422

    assert not CrossPair.objects.exists()


# Trying it out ----------------------------------------------------------------------------------
def _press(client: Client, url: str, page: Any, action: str, **data: Any) -> Any:
    carried = {"carry": page.context["carry"], "action": action}
    if page.context["page"]:
        carried["code"] = page.context["page"].code
    return client.post(url, {**carried, **data})


def test_the_preview_walks_through_and_stores_nothing(client: Client, town: boxes.Town) -> None:
    url = _url("survey_preview", town.wave.survey_id)
    events, session = Event.objects.count(), dict(client.session)

    start = client.get(url)
    first = _press(client, url, start, "start")
    second = _press(client, url, first, "next", answer="paper")
    checked = second
    while checked.context["page"]:
        checked = _press(client, url, checked, "next")
    done = _press(client, url, checked, "send")

    assert start.context["notice"]
    assert first.context["page"].code == "Q1"
    assert second.context["page"].code == "Q1b"
    assert json.loads(checked.context["carry"]) == {"Q1": "paper"}
    assert done.context["end"]
    assert not SealedBallot.objects.exists()
    assert Event.objects.count() == events
    assert dict(client.session) == session


def test_the_preview_branches_as_the_real_pages_do(client: Client, survey: Survey) -> None:
    first = survey.questions.order_by("order")[0]
    yes, no = first.options.order_by("order").values_list("code", flat=True)
    last = _add(survey, "なぜですか。", ask_if=({"question": first.code, "any_of": [yes]},))
    url = _url("survey_preview", survey.pk)

    def ends_on(answer: str) -> Any:
        page = _press(client, url, client.get(url), "start")
        page = _press(client, url, page, "next", answer=answer)
        return _press(client, url, page, "next")

    assert ends_on(yes).context["page"].code == last.code
    assert ends_on(no).context["page"] is None


def test_the_preview_refuses_what_the_real_pages_refuse(client: Client, town: boxes.Town) -> None:
    url = _url("survey_preview", town.wave.survey_id)
    first = _press(client, url, client.get(url), "start")

    missing = _press(client, url, first, "next")
    unknown = _press(client, url, first, "next", answer="unheard")
    forged = client.post(url, {"carry": '{"Q1": 5, "Q9": ["x"]}', "action": "send"})
    broken = client.post(url, {"carry": "[[[", "action": "open", "open": "Q9"})

    assert (missing.status_code, unknown.status_code) == (422, 422)
    deep = client.post(url, {"carry": "[" * 19_000, "action": "open", "open": "Q9"})

    assert forged.context["page"].code == "Q1"
    assert broken.context["page"].code == "Q9"
    assert deep.context["page"].code == "Q9"


def test_a_code_that_cannot_be_one_is_not_found(client: Client, town: boxes.Town) -> None:
    url = f"/surveys/{town.wave.survey_id}/questions/%00/"

    assert client.get(url).status_code == 404
    assert client.post(f"{url}retire/").status_code == 404


def test_the_preview_speaks_both_languages(client: Client, town: boxes.Town) -> None:
    url = _url("survey_preview", town.wave.survey_id)

    japanese, english = client.get(url), client.get(f"{url}?lang=en")
    question = client.post(f"{url}?lang=en", {"action": "start"})

    assert "秘密" in japanese.context["notice"]
    assert "Confidential" in english.context["notice"]
    assert question.context["page"].text.startswith("What makes")


def test_an_empty_survey_can_be_opened_in_the_preview(client: Client, town: boxes.Town) -> None:
    empty = definitions.create_survey(town.municipality, "empty", title="空", by=None)
    url = _url("survey_preview", empty.pk)

    assert client.get(url).status_code == 200
    assert client.post(url, {"action": "start"}).status_code == 200


# Who may ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "name",
    [
        *("survey_edit", "survey_copy", "survey_delete", "survey_preview", "survey_crosses"),
        *("question_create", "question_edit"),
    ],
)
def test_pages_are_the_offices_own(name: str, town: boxes.Town, survey: Survey) -> None:
    code = [survey.questions.order_by("order")[0].code] if name == "question_edit" else []
    url = _url(name, survey.pk, *code)
    stranger = boxes.open_town()

    assert _client(town.office).get(url).status_code == 200
    assert _client(town.staff[0]).get(url).status_code == 403
    for method in ("get", "post"):
        assert getattr(_client(stranger.office), method)(url).status_code == 404


@pytest.mark.parametrize("name", ["question_move", "question_retire", "question_restore"])
def test_buttons_are_the_offices_own(name: str, town: boxes.Town, survey: Survey) -> None:
    url = _url(name, survey.pk, survey.questions.order_by("order")[0].code)
    stranger = factories.user(factories.municipality("隣市"), role="dx_office")

    assert _client(town.staff[0]).post(url).status_code == 403
    assert _client(stranger).post(url).status_code == 404
    assert _client(town.office).get(url).status_code == 405
    assert Survey.objects.get(pk=survey.pk).version == 3


# A survey without what figures are made of -------------------------------------------------------
@pytest.mark.parametrize(
    ("template", "code"),
    [("pain", "Q1"), ("pain", "Q3"), ("pain", "Q5"), ("intake", "Q1"), ("follow_up", "F3")],
)
def test_a_round_without_a_question_of_the_figures_ends_in_a_results_page(
    template: str, code: str
) -> None:
    place = towns.town([12, 12])
    survey = definitions.create_survey(place.municipality, template, by=place.office)
    designing.retire_question(survey.questions.get(code=code), by=place.office)
    times = {"opens_at": towns.NOW, "closes_at": towns.CLOSES, "publish_at": towns.CLOSES}
    wave = waves.plan_wave(survey, label="秋", by=place.office, **times)
    wave = waves.open_wave(wave, by=place.office, now=towns.NOW)
    asked = wave.frozen_definition["questions"][0]
    for person in place.everybody:
        given = asked["options"][0]["code"] if asked["options"] else "電話が多いです。"
        towns.answer(wave, person, {asked["code"]: given})

    wave = towns.close(wave)
    client = _client(place.office)
    pages = [_url("wave_results", wave.pk), _url("voice_list"), reverse("dashboards:dashboard")]

    statuses = [client.get(page).status_code for page in pages]

    assert wave.state == "published"
    assert statuses == [200, 200, 200]
