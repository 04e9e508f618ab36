"""Answering a wave: one question a page, without JavaScript; only the sealed row is written."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from dxportal.accounts.access import signed_in
from dxportal.accounts.models import User
from surveys import answers as meaning
from surveys.actions import ballots
from surveys.actions.ballots import BallotRefused, Held, Refusal
from surveys.anonymity import looks_like_name
from surveys.answers import Answers, Problem
from surveys.choices import EARLY, WaveState
from surveys.models import Commitment, Wave
from surveys.views.answer_pages import (
    CANCELLED,
    STATE_WORDS,
    AnswerRow,
    answer_rows,
    in_language,
    question_page,
    typed_rows,
)
from surveys.views.privacy import quiet

#: Set at sign-in; a password that somebody else resets changes it, and drafts stay shut.
BINDING = "draft_binding"


@dataclass(frozen=True)
class Sitting:
    """One request of one person to one wave."""

    request: HttpRequest
    user: User
    wave: Wave
    now: datetime

    @property
    def binding(self) -> bytes:
        """What an unsent draft is tied to."""
        kept = self.request.session.get(BINDING)
        return str(kept or self.user.get_session_auth_hash()).encode()

    @property
    def definition(self) -> dict[str, Any]:
        """The questions as frozen at opening."""
        frozen: dict[str, Any] = self.wave.frozen_definition
        return frozen

    def shut(self) -> str | None:
        """Why nobody can answer now, as far as the wave's row tells."""
        if self.wave.state in EARLY:
            return Refusal.NOT_OPEN
        if self.wave.state in {WaveState.CANCELLED, WaveState.KEY_LOST}:
            return CANCELLED if self.wave.state == WaveState.CANCELLED else Refusal.KEY_LOST
        is_open = self.wave.state == WaveState.OPEN and self.wave.closes_at > self.now
        return None if is_open else Refusal.CLOSED

    def held(self) -> Held:
        """What the box holds for this person."""
        return ballots.look_up(
            self.wave, ballots.ByAccount(self.user.pk), draft_binding=self.binding
        )

    def draw(self, template: str, /, *, status: int = 200, **context: Any) -> HttpResponse:
        """A page of this survey."""
        definition = self.definition or {
            "title_ja": self.wave.survey.title,
            "title_en": self.wave.survey.title_en,
        }
        base = {"wave": self.wave, "survey_title": in_language(definition, "title")}
        return render(self.request, f"surveys/{template}.html", {**base, **context}, status=status)


def _sit(request: HttpRequest, wave_pk: int) -> Sitting:
    user = signed_in(request)
    waves = Wave.objects.visible_to(user).select_related("survey", "initiative")
    wave = get_object_or_404(waves, pk=wave_pk)
    return Sitting(request, user, wave, timezone.now())


def _state(sitting: Sitting, reason: str) -> HttpResponse:
    title, text = STATE_WORDS[reason]
    return sitting.draw(
        "answer_state", reason=str(reason), state_title=title, state_text=text, typed=[]
    )


def _reason(sitting: Sitting, refused: BallotRefused) -> str:
    """A key that went because the wave has just closed is a closed wave, not a lost key."""
    sitting.wave.refresh_from_db(fields=["state", "closes_at"])
    return sitting.shut() or refused.reason


def _notice(sitting: Sitting) -> str:
    """What was agreed to, in the reader's language."""
    words = {
        "notice_ja": sitting.wave.notice_text,
        "notice_en": sitting.definition.get("notice_en", ""),
    }
    return in_language(words, "notice")


# Pages to read -------------------------------------------------------------------------------
@quiet
@require_safe
def answer_start(request: HttpRequest, wave_pk: int) -> HttpResponse:
    """What it is about, who sees what, and the way in or back in."""
    sitting = _sit(request, wave_pk)
    if reason := sitting.shut():
        return _state(sitting, reason)
    try:
        held = sitting.held()
    except BallotRefused as refused:
        return _state(sitting, _reason(sitting, refused))
    if held.sent:
        return redirect("surveys:answer_thanks", wave_pk)
    nodes = {node["key"]: node for node in sitting.wave.frozen_org["nodes"]}
    counted = sitting.wave.eligible.filter(segment=held.segment).count()
    return sitting.draw(
        "answer_start",
        minutes=sitting.definition["minutes"],
        notice=_notice(sitting),
        place=nodes[held.segment]["label"],
        is_small=counted < sitting.wave.k_cell,
        replies=Commitment.objects.of_last_time(sitting.wave)[:1],
        resumes=bool(held.draft),
        go_on=meaning.resume(sitting.definition, held.draft),
    )


@quiet
@require_safe
def answer_question(request: HttpRequest, wave_pk: int, code: str) -> HttpResponse:
    """One question, with the own unsent draft."""
    sitting = _sit(request, wave_pk)
    if reason := sitting.shut():
        return _state(sitting, reason)
    try:
        held = sitting.held()
    except BallotRefused as refused:
        return _state(sitting, _reason(sitting, refused))
    if held.sent:
        return redirect("surveys:answer_thanks", wave_pk)
    if meaning.question_of(sitting.definition, code) is None:
        return redirect("surveys:answer_start", wave_pk)
    return _question(sitting, code, held.draft, to_check=request.GET.get("to") == "check")


@quiet
@require_safe
def answer_check(request: HttpRequest, wave_pk: int) -> HttpResponse:
    """All answers of the unsent draft before they are sent."""
    sitting = _sit(request, wave_pk)
    if reason := sitting.shut():
        return _state(sitting, reason)
    try:
        held = sitting.held()
    except BallotRefused as refused:
        return _state(sitting, _reason(sitting, refused))
    if held.sent:
        return redirect("surveys:answer_thanks", wave_pk)
    return _check(sitting, held.draft)


@quiet
@require_safe
def answer_thanks(request: HttpRequest, wave_pk: int) -> HttpResponse:
    """Sent: the receipt, what comes next, what became of last time's voices."""
    sitting = _sit(request, wave_pk)
    if reason := sitting.shut():
        return _state(sitting, reason)
    try:
        held = sitting.held()
    except BallotRefused as refused:
        return _state(sitting, _reason(sitting, refused))
    if not held.sent:
        return redirect("surveys:answer_start", wave_pk)
    replies = Commitment.objects.of_last_time(sitting.wave)[:3]
    return sitting.draw("answer_thanks", receipt=held.receipt, replies=replies)


def _question(
    sitting: Sitting,
    code: str,
    answers: Answers,
    *,
    carry: bool = False,
    to_check: bool = False,
    status: int = 200,
    **posted: Any,
) -> HttpResponse:
    question = meaning.question_of(sitting.definition, code)
    assert question is not None  # noqa: S101 - codes come from the frozen definition
    page = question_page(sitting.definition, question, answers, **posted)
    sealed = _carry(sitting, answers) if carry else ""
    return sitting.draw(
        "answer_question", status=status, page=page, carry=sealed, to_check=to_check
    )


def _check(
    sitting: Sitting, answers: Answers, *, carry: bool = False, status: int = 200
) -> HttpResponse:
    rows = answer_rows(sitting.definition, answers)
    return sitting.draw(
        "answer_check",
        status=status,
        rows=rows,
        lacking=[row for row in rows if row.missing] if status == 422 else [],
        previous=meaning.before(sitting.definition, answers, None),
        carry=_carry(sitting, answers) if carry else "",
    )


def _carry(sitting: Sitting, answers: Answers) -> str:
    sealed = ballots.seal_carry(
        sitting.wave,
        ballots.ByAccount(sitting.user.pk),
        answers=answers,
        binding=sitting.binding,
    )
    return base64.b64encode(sealed).decode("ascii")


# Saving and sending: one address, the button says which --------------------------------------
@quiet
@require_POST
def answer_send(request: HttpRequest, wave_pk: int) -> HttpResponse:
    """Save and go on, save and stop, or send: the same path and the same kind of answer."""
    sitting = _sit(request, wave_pk)
    if reason := sitting.shut():
        return _kept(sitting, reason)
    try:
        held = sitting.held()
        again = held.sent and ("carry" in request.POST or request.POST.get("action") == "again")
        if held.sent and not again:
            return _second_window(sitting)
        answers = _carried(sitting) if again else held.draft
        return _answered(sitting, answers, again=again)
    except BallotRefused as refused:
        return _kept(sitting, _reason(sitting, refused))


def _second_window(sitting: Sitting) -> HttpResponse:
    """The ballot is sent already: a second click is fine, another window is told so."""
    if sitting.request.POST.get("action") == "send":
        return redirect("surveys:answer_thanks", sitting.wave.pk)
    return _kept(sitting, Refusal.ALREADY_SENT)


def _carried(sitting: Sitting) -> Answers:
    try:
        sealed = base64.b64decode(sitting.request.POST.get("carry", ""), validate=True)
    except (binascii.Error, ValueError):
        return {}
    return ballots.open_carry(
        sitting.wave,
        ballots.ByAccount(sitting.user.pk),
        sealed=sealed,
        binding=sitting.binding,
    )


def _answered(sitting: Sitting, answers: Answers, *, again: bool) -> HttpResponse:
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
            return _question(
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
        return _send(sitting, answers, again=again)
    return _go_on(sitting, answers, again=again)


def _send(sitting: Sitting, answers: Answers, *, again: bool) -> HttpResponse:
    lacking = meaning.missing(sitting.definition, answers)
    if lacking and sitting.definition["check"]:
        return _check(sitting, answers, carry=again, status=422)
    if lacking:
        return _question(
            sitting, lacking[0], answers, carry=again, status=422, problem=Problem.MISSING
        )
    _save(sitting, answers, submit=True)
    return redirect("surveys:answer_thanks", sitting.wave.pk)


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
            return _check(sitting, answers, carry=True)
        return _question(sitting, following, answers, carry=True, to_check="back" in post)
    if action in {"next", "later"}:
        _save(sitting, answers, submit=False)
    if action == "later":
        return redirect("surveys:answer_start", sitting.wave.pk)
    if following is None:
        return redirect("surveys:answer_check", sitting.wave.pk)
    return redirect("surveys:answer_question", sitting.wave.pk, following)


def _save(sitting: Sitting, answers: Answers, *, submit: bool) -> None:
    ballots.save_ballot(
        sitting.wave,
        ballots.ByAccount(sitting.user.pk),
        answers=answers,
        submit=submit,
        draft_binding=sitting.binding,
        now=sitting.now,
    )


def _kept(sitting: Sitting, reason: str) -> HttpResponse:
    """Nothing was saved: say why, and leave what was typed on the page."""
    title, text = STATE_WORDS[reason]
    return sitting.draw(
        "answer_state",
        status=409,
        reason=str(reason),
        state_title=title,
        state_text=text,
        typed=_typed(sitting),
    )


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
