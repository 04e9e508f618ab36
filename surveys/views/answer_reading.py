"""The answering pages that are read: start, question, check, thanks; behind whichever door."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse

from surveys import answers as meaning
from surveys.actions import ballots
from surveys.actions.ballots import BallotRefused, Held
from surveys.answers import Answers
from surveys.models import Commitment
from surveys.sittings import subjects
from surveys.views.answer_pages import answer_rows, in_language, question_page
from surveys.views.sitting import Sitting, state

#: Draws a page for what the box holds.
Draw = Callable[[Sitting, Held], HttpResponse]


def reason_of(sitting: Sitting, refused: BallotRefused) -> str:
    """A key that went because the wave has just closed is a closed wave, not a lost key."""
    sitting.wave.refresh_from_db(fields=["state", "closes_at"])
    return sitting.shut() or refused.reason


def read(sitting: Sitting, draw: Draw) -> HttpResponse:
    """Draw a page with what the box holds, or say why nobody can answer."""
    if reason := sitting.shut():
        return state(sitting, reason)
    try:
        held = sitting.held()
    except BallotRefused as refused:
        return state(sitting, reason_of(sitting, refused))
    return draw(sitting, held)


def notice_of(sitting: Sitting) -> str:
    """What was agreed to, in the reader's language."""
    words = {
        "notice_ja": sitting.wave.notice_text,
        "notice_en": sitting.definition.get("notice_en", ""),
    }
    return in_language(words, "notice")


def start(sitting: Sitting, held: Held) -> HttpResponse:
    """What it is about, who sees what, and the way in or back in."""
    if held.sent:
        return sitting.to("thanks")
    wave = sitting.wave
    nodes = {node["key"]: node for node in wave.frozen_org["nodes"]}
    counted = wave.eligible.filter(segment=held.segment).count()
    counted += wave.without_account().get(held.segment, 0)
    return sitting.draw(
        "answer_start",
        minutes=sitting.definition["minutes"],
        subjects=subjects(sitting.definition),
        notice=notice_of(sitting),
        place=nodes[held.segment]["label"],
        is_small=counted < wave.k_cell,
        replies=Commitment.objects.of_last_time(wave)[:3],
        resumes=bool(held.draft),
        go_on=meaning.resume(sitting.definition, held.draft),
    )


def question(sitting: Sitting, held: Held, code: str) -> HttpResponse:
    """One question, with the own unsent draft."""
    if held.sent:
        return sitting.to("thanks")
    if meaning.question_of(sitting.definition, code) is None:
        return sitting.to("start")
    to_check = sitting.request.GET.get("to") == "check"
    return draw_question(sitting, code, held.draft, to_check=to_check)


def check(sitting: Sitting, held: Held) -> HttpResponse:
    """All answers of the unsent draft before they are sent."""
    return sitting.to("thanks") if held.sent else draw_check(sitting, held.draft)


def thanks(sitting: Sitting, held: Held) -> HttpResponse:
    """Sent: the receipt, what comes next, what became of last time's voices.

    A ticket's receipt was shown once, when it was sent: whoever holds the sheet now learns nothing.
    """
    if not held.sent:
        return sitting.to("start")
    return draw_thanks(sitting, "" if sitting.by_ticket else held.receipt)


def draw_thanks(sitting: Sitting, receipt: str, *, over: bool = False) -> HttpResponse:
    """`over`: the session ends with this page, so that it leads nowhere that needs one."""
    replies = Commitment.objects.of_last_time(sitting.wave)[:3]
    return sitting.draw("answer_thanks", receipt=receipt, replies=replies, over=over)


def draw_question(
    sitting: Sitting,
    code: str,
    answers: Answers,
    *,
    carry: bool = False,
    to_check: bool = False,
    status: int = 200,
    **posted: Any,
) -> HttpResponse:
    """A question as it stands; `carry`: with the answers of a second sending sealed in the page."""
    found = meaning.question_of(sitting.definition, code)
    assert found is not None  # noqa: S101 - codes come from the frozen definition
    page = question_page(sitting.definition, found, answers, **posted)
    sealed = _carry(sitting, answers) if carry else ""
    return sitting.draw(
        "answer_question", status=status, page=page, carry=sealed, to_check=to_check
    )


def draw_check(
    sitting: Sitting, answers: Answers, *, carry: bool = False, status: int = 200
) -> HttpResponse:
    """All answers; with 422 also which are lacking."""
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
        sitting.wave, sitting.voter, answers=answers, binding=sitting.binding
    )
    return base64.b64encode(sealed).decode("ascii")
