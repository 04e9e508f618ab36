"""What the municipality's own status words mean."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.db.models import OuterRef, Subquery

from dxportal.accounts import audit
from dxportal.accounts.models import User
from roadmap.actions.updates import report
from roadmap.choices import Channel
from roadmap.models import Initiative, StatusWord, Update

MAPPED = "status_word.mapped"


@transaction.atomic
def map_status_word(
    word: StatusWord, *, by: User | None, phase: str, progress: str, channel: str = Channel.SCREEN
) -> bool:
    """Give a word its meaning; both empty takes it away. Whether anything changed."""
    locked = StatusWord.objects.select_for_update().get(pk=word.pk)
    before = {"phase": locked.phase, "progress": locked.progress}
    after = {"phase": phase, "progress": progress}
    if before == after:
        return False
    locked.phase, locked.progress = phase, progress
    locked.save(update_fields=["phase", "progress"])
    audit.record(MAPPED, locked, by=by, channel=channel, before=before, after=after)
    return True


@transaction.atomic
def map_status_words(
    meanings: Mapping[StatusWord, tuple[str, str]], *, by: User, channel: str = Channel.SCREEN
) -> tuple[int, int]:
    """Give many words their (phase, progress) at once.

    Returns how many words changed, and how many imported initiatives got their status by it.
    """
    words = initiatives = 0
    for word, (phase, progress) in sorted(meanings.items(), key=lambda item: item[0].pk):
        if map_status_word(word, by=by, phase=phase, progress=progress, channel=channel):
            words += 1
            initiatives += _give_status(word, by=by, phase=phase, progress=progress)
    return words, initiatives


def _give_status(word: StatusWord, *, by: User, phase: str, progress: str) -> int:
    """Report what the word means where an import left it as a note and nobody reported since."""
    if not phase and not progress:
        return 0
    latest = Update.objects.filter(initiative=OuterRef("pk")).order_by("-id").values("pk")[:1]
    waiting = Update.objects.filter(
        pk__in=Initiative.objects.filter(municipality=word.municipality_id)
        .annotate(latest=Subquery(latest))
        .values("latest"),
        channel=Channel.IMPORT,
        is_report=False,
        note=word.word,
    ).select_related("initiative")
    for update in waiting:
        report(
            update.initiative,
            by=by,
            phase=phase or None,
            progress=progress or None,
            note=update.note,
            channel=Channel.IMPORT,
            on=update.reported_on,
        )
    return len(waiting)
