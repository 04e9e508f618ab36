"""The municipality's own status words: what they mean, and which of them screens and files show."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from dxportal.accounts import audit
from dxportal.accounts.models import Event, Municipality, User
from roadmap.actions.bulk import undo_many
from roadmap.actions.updates import REPORTED, Origin, Report, append_all, compose
from roadmap.choices import Channel
from roadmap.models import Initiative, StatusWord, Update

MAPPED = "status_word.mapped"
ADDED = "status_word.added"
REMOVED = "status_word.removed"
_FIELDS = ("phase", "progress", "shown")


@dataclass(frozen=True)
class Wish:
    """What a word shall mean, and whether it stands for ours."""

    word: str
    phase: str = ""
    progress: str = ""
    shown: bool = False


@dataclass
class WordChange:
    """What became of it. `batch` names the change for taking it back."""

    batch: str = field(default_factory=lambda: uuid.uuid4().hex)
    words: int = 0
    initiatives: int = 0


def map_status_word(
    word: StatusWord, *, by: User | None, phase: str, progress: str, channel: str = Channel.SCREEN
) -> bool:
    """Give a word its meaning; both empty takes it away. Whether anything changed."""
    shown = word.shown and (word.phase, word.progress) == (phase, progress)
    wish = Wish(word.word, phase, progress, shown)
    return bool(set_words(word.municipality, [wish], by=by, channel=channel).words)


@transaction.atomic
def set_words(
    municipality: Municipality,
    wishes: Sequence[Wish],
    *,
    by: User | None,
    channel: str = Channel.SCREEN,
) -> WordChange:
    """Add words or give them their meaning; a newly shown word takes the place of the old one.

    Imported initiatives that waited for a word get their status. Raises ValidationError where two
    wishes want to be shown for one meaning, or a word that means two things or nothing.
    """
    _refuse_what_cannot_be_shown(wishes)
    Municipality.objects.select_for_update(no_key=True).get(pk=municipality.pk)
    known = {word.word: word for word in StatusWord.objects.filter(municipality=municipality)}
    change = WordChange()
    wanted = {wish.word: wish for wish in wishes}
    taken = {(wish.phase, wish.progress) for wish in wishes if wish.shown}
    for word in known.values():
        if word.shown and word.word not in wanted and (word.phase, word.progress) in taken:
            wanted[word.word] = Wish(word.word, word.phase, word.progress)
    _free_places(known[name] for name in wanted if name in known)
    for wish in wanted.values():
        _set(municipality, wish, known.get(wish.word), change, by=by, channel=channel)
    return change


@transaction.atomic
def remove_word(word: StatusWord, *, by: User) -> WordChange:
    """Take a word that no import has brought out of the list; ValidationError for others."""
    locked = StatusWord.objects.select_for_update().filter(pk=word.pk).first()
    change = WordChange()
    if locked is None:
        return change
    if brought_in(locked).exists():
        raise ValidationError(
            _("“%(word)s” has come in with an import and stays.") % {"word": locked.word}
        )
    before = {"word": locked.word, **_facts(locked), "batch": change.batch}
    event = audit.event_row(REMOVED, locked, by=by, before=before)
    event.after["batch"] = event.before.pop("batch")
    event.save(force_insert=True)
    locked.delete()
    change.words = 1
    return change


@transaction.atomic
def take_back_words(batch: str, *, by: User) -> tuple[int, list[str]]:
    """Take back one change of words, with the statuses that it gave.

    Returns how many words are as before, and the words that were changed again since.
    """
    town = Municipality.objects.select_for_update(no_key=True).get(pk=by.municipality_id or 0)
    events = Event.objects.filter(
        municipality_id=town.pk,
        actor_id=by.pk,
        action__in=(MAPPED, ADDED, REMOVED),
        after__batch=batch,
    ).order_by("-id")
    done, kept = 0, []
    back: list[tuple[StatusWord, dict[str, Any]]] = []
    for event in events:
        word = StatusWord.objects.filter(municipality=town, word=_word_of(event)).first()
        if not _still(event, word):
            kept.append(_word_of(event))
        elif event.action == ADDED and word is not None:
            audit.record(REMOVED, word, by=by, before={"word": word.word, **_facts(word)})
            word.delete()
            done += 1
        else:
            word = word or StatusWord(municipality=town, word=_word_of(event))
            back.append((word, {name: event.before.get(name, _of(word, name)) for name in _FIELDS}))
    _free_places(word for word, _facts_then in back)
    done += _put_back(back, kept, by=by)
    undo_many(batch, by=by)
    return done, kept


def brought_in(word: StatusWord) -> Any:
    """Reports of imports that carry this word."""
    return Update.objects.filter(
        initiative__municipality=word.municipality_id, note=word.word, channel=Channel.IMPORT
    )


def _refuse_what_cannot_be_shown(wishes: Iterable[Wish]) -> None:
    """One shown word a meaning, and it means exactly one thing."""
    shown: dict[tuple[str, str], list[str]] = defaultdict(list)
    for wish in wishes:
        if wish.shown:
            shown[wish.phase, wish.progress].append(wish.word)
            if bool(wish.phase) == bool(wish.progress):
                raise ValidationError(
                    _("“%(word)s” can be shown only if it means one phase or one progress.")
                    % {"word": wish.word}
                )
    for words in shown.values():
        if len(words) > 1:
            raise ValidationError(
                _("%(words)s mean the same. Choose one of them to be shown.")
                % {"words": _(", ").join(f"「{word}」" for word in words)}
            )


def _free_places(words: Iterable[StatusWord]) -> None:
    """Nobody stands for anything while words change places; each is shown again right after."""
    held = [word.pk for word in words if word.shown and word.pk]
    if held:
        StatusWord.objects.filter(pk__in=held).update(shown=False)


def _set(
    municipality: Municipality,
    wish: Wish,
    word: StatusWord | None,
    change: WordChange,
    *,
    by: User | None,
    channel: str,
) -> None:
    """One word as wished; nothing is written where it is so already."""
    after: dict[str, Any] = {name: getattr(wish, name) for name in _FIELDS}
    before = _facts(word) if word else {}
    if before == after:
        if word and word.shown:
            word.save(update_fields=["shown"])
        return
    action = MAPPED if word else ADDED
    word = word or StatusWord(municipality=municipality, word=wish.word)
    for name, value in after.items():
        setattr(word, name, value)
    word.save()
    named = {"word": wish.word} if action == ADDED else {}
    after |= {**named, "batch": change.batch}
    audit.record(action, word, by=by, channel=channel, before=before, after=after)
    change.words += 1
    if any(before.get(name, "") != after[name] for name in ("phase", "progress")):
        change.initiatives += _give_status(word, by=by, batch=change.batch)


def _put_back(back: list[tuple[StatusWord, dict[str, Any]]], kept: list[str], *, by: User) -> int:
    """Words as they were, unless another one is shown in their place now."""
    done = 0
    for word, facts in back:
        meaning = {"phase": facts["phase"], "progress": facts["progress"], "shown": True}
        others = StatusWord.objects.filter(municipality=word.municipality_id, **meaning)
        if facts["shown"] and others.exclude(pk=word.pk).exists():
            kept.append(word.word)
            continue
        before = _facts(word) if word.pk else {}
        action = MAPPED if word.pk else ADDED
        for name, value in facts.items():
            setattr(word, name, value)
        word.save()
        named = {} if before else {"word": word.word}
        audit.record(action, word, by=by, before=before, after={**facts, **named})
        done += 1
    return done


def _still(event: Event, word: StatusWord | None) -> bool:
    """Whether nothing has changed since the event."""
    if event.action == REMOVED or word is None:
        return event.action == REMOVED and word is None
    told = {name: event.after[name] for name in _FIELDS if name in event.after}
    return all(_of(word, name) == value for name, value in told.items())


def _word_of(event: Event) -> str:
    return str(event.after.get("word") or event.before.get("word") or event.object_label)


def _of(word: StatusWord, name: str) -> Any:
    return getattr(word, name)


def _facts(word: StatusWord) -> dict[str, Any]:
    return {name: _of(word, name) for name in _FIELDS}


def _give_status(word: StatusWord, *, by: User | None, batch: str) -> int:
    """Report what the word means where an import left it as a note and nobody reported since."""
    if not word.phase and not word.progress:
        return 0
    latest = Update.objects.filter(initiative=OuterRef("pk")).order_by("-id").values("pk")[:1]
    ours = Initiative.objects.filter(municipality=word.municipality_id)
    newest = ours.annotate(latest=Subquery(latest)).values("latest")
    waiting = brought_in(word).filter(pk__in=newest, is_report=False)
    locked = ours.filter(pk__in=waiting.values("initiative")).order_by("pk").select_for_update()
    rows = {row.pk: row for row in locked}
    said = Report(phase=word.phase or None, progress=word.progress or None, note=word.word)
    parts: list[tuple[Initiative, Update, Update | None]] = []
    for last in waiting.filter(initiative__in=rows):
        origin = Origin(by, Channel.IMPORT, last.reported_on)
        update = compose(rows[last.initiative_id], last, said, origin)
        parts += [(rows[last.initiative_id], update, last)] if update else []
    if parts:
        append_all(parts, by=by, action=REPORTED, batch=batch)
    return len(parts)
