"""Handing over: the note of a post, and that its new holder has taken it over."""

from __future__ import annotations

from django.db import transaction

from dxportal.accounts import audit
from dxportal.accounts.models import Assignment, Post, User
from roadmap.models import Handover, HandoverNote


class NoteConflict(Exception):
    """Somebody else changed the note in between; nothing was written. `theirs` is what stands."""

    def __init__(self, theirs: HandoverNote) -> None:
        """Keep the other side."""
        super().__init__("the note was changed in between")
        self.theirs = theirs


@transaction.atomic
def save_note(post: Post, text: str, *, version: int, by: User) -> HandoverNote:
    """Write the note, starting from `version` (0: there was none)."""
    HandoverNote.objects.get_or_create(post=post, defaults={"version": 0})
    note = HandoverNote.objects.select_for_update().get(post=post)
    if note.text == text and note.version:
        return note
    if note.version != version:
        raise NoteConflict(note)
    before, note.text, note.edited_by = note.text, text, by
    note.version += 1
    note.save()
    details = {"before": {"text": before}, "after": {"text": text}}
    municipality = post.department.municipality_id
    audit.record("handover.noted", post, by=by, municipality_id=municipality, **details)
    return note


@transaction.atomic
def take_over(assignment: Assignment, *, by: User) -> Handover:
    """The holder says that the post was taken over; twice is once."""
    made, new = Handover.objects.get_or_create(assignment=assignment)
    if new:
        post = assignment.post
        after = {"user": assignment.user.name}
        municipality = post.department.municipality_id
        audit.record("handover.taken", post, by=by, municipality_id=municipality, after=after)
    return made
