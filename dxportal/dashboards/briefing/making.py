"""From a wish to a kept sheet, and from a kept sheet to its files."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from typing import Final

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dxportal.accounts.models import User
from dxportal.dashboards.briefing import content as c
from dxportal.dashboards.briefing import data, words
from dxportal.dashboards.briefing.gather import Wish, gather
from dxportal.dashboards.briefing.pdf import pdf
from dxportal.dashboards.briefing.pptx import pptx
from dxportal.dashboards.briefing.sheet import Sheet
from dxportal.dashboards.briefing.xlsx import xlsx
from dxportal.shared.printing import CannotPrint, TooLong
from dxportal.shared.tenancy import municipality_scope
from roadmap.actions import briefings
from roadmap.choices import BriefingKind, FileState
from roadmap.models import Briefing, BriefingFile

log = logging.getLogger("dxportal.dashboards")

#: Above so many bureaus a job makes the files of the board.
MOST_BUREAUS: Final = 20
#: What a job does, in the order of its steps.
STEPS: Final = (
    gettext_lazy("Waiting for its turn"),
    gettext_lazy("Reading the frozen figures"),
    gettext_lazy("Laying out the pages"),
    gettext_lazy("Keeping the file"),
)
MAKERS: Final[dict[str, Callable[[Sheet], bytes]]] = {
    "pdf": lambda sheet: pdf(sheet.content, sheet.sha256),
    "pptx": pptx,
    "xlsx": xlsx,
    "csv": lambda sheet: data.csv(sheet.content),
}


def make_briefing(user: User, wish: Wish, *, now: dt.datetime) -> Briefing:
    """Freeze and keep it; on the same day the same content is the same sheet.

    Raises NothingCounted before the first count.
    """
    content = gather(user, wish, now=now)
    latest = latest_of(user, wish.kind)
    if latest is not None and _same(latest, content, now):
        return latest
    plain = c.freeze(content)
    place = user.municipality
    assert place is not None  # noqa: S101 - gather has read it
    return briefings.create_briefing(
        place,
        by=user,
        kind=wish.kind,
        title=f"{content.title} {content.round or content.period[:7]} {content.audience}"[:120],
        period=dt.date.fromisoformat(content.period),
        round=wish.round,
        as_of=dt.date.fromisoformat(content.as_of),
        method=content.method,
        asks=[asdict(ask) for ask in content.asks],
        content=plain,
        sha256=c.checksum(plain),
    )


def latest_of(user: User, kind: str) -> Briefing | None:
    """The newest sheet of that kind."""
    return Briefing.objects.visible_to(user).filter(kind=kind).first()


def _same(latest: Briefing, content: c.Content, now: dt.datetime) -> bool:
    """Whether nothing but the time of day differs."""
    today = timezone.localdate(latest.created_at) == timezone.localdate(now)
    plain = c.freeze(content)
    return today and {**plain, "made_at": latest.content.get("made_at")} == latest.content


def is_heavy(briefing: Briefing, kind: str) -> bool:
    """Whether a job makes the file: many bureaus take longer than one waits for a page."""
    bureaus = briefing.content.get("bureaus", [])
    return kind != "csv" and briefing.kind == BriefingKind.BOARD and len(bureaus) > MOST_BUREAUS


def file_name(content: c.Content, kind: str) -> str:
    """見本市_DX階段_2026-11_市長レク.pdf"""
    when = content.round or content.period[:7]
    what, whom = _("DX staircase"), words.short_audience(content.kind)
    name = f"{content.place.name}_{what}_{when}_{whom}".replace(" ", "_")
    return f"{name}.{kind}"


def drawn(briefing: Briefing, kind: str) -> tuple[str, bytes]:
    """Name and bytes of a file, from the frozen content alone, in its own language."""
    content = c.thaw(briefing.content)
    with translation.override(content.language):
        made = MAKERS[kind](Sheet(content, briefing.sha256))
        return file_name(content, kind), made


def ready_file(briefing: Briefing, kind: str, *, by: User, now: dt.datetime) -> BriefingFile | None:
    """The file as it was made first, or made now; None where a job has to make it.

    Raises CannotPrint and TooLong.
    """
    kept = BriefingFile.objects.filter(briefing=briefing, kind=kind).first()
    if kept is not None and kept.state == FileState.READY:
        return kept
    if is_heavy(briefing, kind):
        return None
    name, content = drawn(briefing, kind)
    return briefings.keep_made(briefing, kind, name=name, content=content, by=by, now=now)


def start_file(briefing: Briefing, kind: str, *, by: User, now: dt.datetime) -> BriefingFile:
    """Let a job make it; one that is running already is left to it."""
    file, starts = briefings.ask_for_file(briefing, kind, by=by, now=now)
    if starts:
        hint = partial(_hint, briefing.municipality_id, file.pk)
        transaction.on_commit(hint, robust=True)
    return file


def _hint(municipality_id: int, file_id: int) -> None:
    from dxportal.celery import hint
    from dxportal.dashboards.tasks import make_briefing_file

    hint(make_briefing_file, municipality_id, file_id)


def make_file(municipality_id: int, file_id: int) -> str:
    """What the job does; each step is told at once, so that whoever waits sees it."""
    with municipality_scope(municipality_id):
        file = briefings.claim_file(file_id, steps=len(STEPS) - 1, now=timezone.now())
    if file is None:
        return "left"
    made = False
    with translation.override(file.briefing.content.get("language", "ja")), _told(file):
        made = _make(file)
    return "made" if made else "failed"


def _make(file: BriefingFile) -> bool:
    """Whether this worker's bytes were kept."""
    _tell(file, 1)
    content = c.thaw(file.briefing.content)
    sheet = Sheet(content, file.briefing.sha256)
    _tell(file, 2)
    made = MAKERS[file.kind](sheet)
    _tell(file, 3)
    with municipality_scope(file.briefing.municipality_id):
        name = file_name(content, file.kind)
        return briefings.keep_file(file, name=name, content=made, now=timezone.now())


def _tell(file: BriefingFile, step: int) -> None:
    with municipality_scope(file.briefing.municipality_id):
        briefings.tell_step(file, step)


@contextmanager
def _told(file: BriefingFile) -> Iterator[None]:
    """Whatever goes wrong stands beside the button, and the button works again."""
    try:
        yield
    except (CannotPrint, TooLong) as known:
        problem = str(known) or too_long()
    except Exception:
        log.exception("file %s of a briefing", file.pk)
        problem = _("The file could not be made. Number for enquiries: %(pk)d") % {"pk": file.pk}
    else:
        return
    with municipality_scope(file.briefing.municipality_id):
        briefings.fail_file(file, problem, now=timezone.now())


def too_long() -> str:
    """Why one page was too small, and what helps."""
    return _("The texts do not fit on one page. Shorten what is to be decided and make it again.")
