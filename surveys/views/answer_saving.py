"""Saving and sending: one address for both, the button says which; nothing typed is lost."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from django.http import HttpResponse

from dxportal.shared.names import looks_like_name
from surveys import answers as meaning
from surveys.actions import ballots
from surveys.actions.ballots import BallotRefused, Refusal
from surveys.answers import Answers, Problem
from surveys.views.answer_pages import AnswerRow, typed_rows
from surveys.views.answer_reading import draw_check, draw_question, reason_of
from surveys.views.sitting import Sitting, state

#: What follows a sending, given the receipt.
Sent = Callable[[Sitting, str], HttpResponse]


def take(sitting: Sitting, sent: Sent) -> HttpResponse:
    """Save and go on, save and stop, or send: the same path and the same kind of answer."""
    if reason := sitting.shut():
        return kept(sitting, reason)
    post = sitting.request.POST
    try:
        held = sitting.held()
        again = held.sent and ("carry" in post or post.get("action") == "again")
        if held.sent and not again:
            return _second_window(sitting)
        answers = _carried(sitting) if again else held.draft
        return _answered(sitting, answers, sent, again=again)
    except BallotRefused as refused:
        return kept(sitting, reason_of(sitting, refused))


def _second_window(sitting: Sitting) -> HttpResponse:
    """The ballot is sent already: a second click is fine, another window is told so."""
    if sitting.request.POST.get("action") == "send":
        return sitting.to("thanks")
    return kept(sitting, Refusal.ALREADY_SENT)


def _carried(sitting: Sitting) -> Answers:
    try:
        sealed = base64.b64decode(sitting.request.POST.get("carry", ""), validate=True)
    except (binascii.Error, ValueError):
        return {}
    return ballots.open_carry(sitting.wave, sitting.voter, sealed=sealed, binding=sitting.binding)


def _answered(sitting: Sitting, answers: Answers, sent: Sent, *, again: bool) -> HttpResponse:
    """Put the posted answer in, unless something is wrong with it, then do what was pressed."""
    post = sitting.request.POST
    action, code = post.get("action", "next"), post.get("code", "")
    question = meaning.question_of(sitting.definition, code)
    if question is not None and action in {"next", "later", "send"}:
        values = post.getlist("answer")
        answer, problem = meaning.read(question, values)
        if problem == Problem.MISSING and action == "later":
            problem = None
        is_named = isinstance(answer, str) and question["kind"] == "text"
        names = is_named and "name_seen" not in post and looks_like_name(str(answer))
        if problem or names:
            return draw_question(
                sitting,
                code,
                answers,
                carry=again,
                to_check="to_check" in post,
                status=422,
                posted=values,
                problem=problem,
                names_somebody=names,
            )
        answers = meaning.with_answer(answers, code, answer)
    if action == "send":
        return _send(sitting, answers, sent, again=again)
    return _go_on(sitting, answers, again=again)


def _send(sitting: Sitting, answers: Answers, sent: Sent, *, again: bool) -> HttpResponse:
    lacking = meaning.missing(sitting.definition, answers)
    if lacking and sitting.definition["check"]:
        return draw_check(sitting, answers, carry=again, status=422)
    if lacking:
        return draw_question(
            sitting, lacking[0], answers, carry=again, status=422, problem=Problem.MISSING
        )
    return sent(sitting, _save(sitting, answers, submit=True) or "")


def _go_on(sitting: Sitting, answers: Answers, *, again: bool) -> HttpResponse:
    """The page that follows; a second sending travels in the page, a first one is saved."""
    post = sitting.request.POST
    action, code = post.get("action", "next"), post.get("code", "")
    following: str | None = None
    if action in {"again", "open"}:
        wanted = meaning.question_of(sitting.definition, post.get("open", ""))
        following = (wanted or sitting.definition["questions"][0])["code"]
    elif "to_check" not in post:
        following = meaning.after(sitting.definition, answers, code)
    if again:
        if following is None:
            return draw_check(sitting, answers, carry=True)
        return draw_question(sitting, following, answers, carry=True, to_check="back" in post)
    if action in {"next", "later"}:
        _save(sitting, answers, submit=False)
    if action == "later":
        return sitting.to("start")
    if following is None:
        return sitting.to("check")
    return sitting.to("question", following)


def _save(sitting: Sitting, answers: Answers, *, submit: bool) -> str | None:
    return ballots.save_ballot(
        sitting.wave,
        sitting.voter,
        answers=answers,
        submit=submit,
        draft_binding=sitting.binding,
        now=sitting.now,
    )


def kept(sitting: Sitting, reason: str) -> HttpResponse:
    """Nothing was saved: say why, and leave what was typed on the page."""
    return state(sitting, reason, status=409, typed=_typed(sitting))


def _typed(sitting: Sitting) -> list[AnswerRow]:
    """The posted answer, or from the check page the texts that stood on it."""
    post = sitting.request.POST
    values: Answers = {}
    for question in sitting.definition.get("questions", ()):
        code = question["code"]
        given = post.getlist("answer") if post.get("code") == code else post.getlist(f"text-{code}")
        if given:
            values[code] = given[0] if question["kind"] == "text" else given
    return typed_rows(sitting.definition, values)
