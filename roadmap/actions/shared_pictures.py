"""Publishing a reduced picture of the staircases, putting a newer one in its place, taking it back.

The token stands in no event: whoever reads the trail does not get the address by it.
"""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dxportal.accounts import audit
from dxportal.accounts.models import Municipality, User
from roadmap.models import SharedPicture
from roadmap.sharing import Content, checksum

PUBLISHED = "shared_picture.published"
RENEWED = "shared_picture.renewed"
WITHDRAWN = "shared_picture.withdrawn"

#: Pictures that may be open at once; beyond that nobody knows any more who sees what.
MOST = 10


@transaction.atomic
def publish_picture(municipality: Municipality, *, content: Content, by: User) -> SharedPicture:
    """Open a new address that shows this content and nothing else.

    Raises ValidationError where too many are open already.
    """
    Municipality.objects.select_for_update(no_key=True).get(pk=municipality.pk)
    if SharedPicture.objects.shown().filter(municipality=municipality).count() >= MOST:
        raise ValidationError(
            _("%(most)s pictures are shared already. Take one back that nobody needs."),
            params={"most": MOST},
        )
    made = SharedPicture.objects.create(
        municipality=municipality,
        token=secrets.token_urlsafe(32),
        published_by=by,
        **_columns(content),
    )
    audit.record(PUBLISHED, made, by=by, after=_facts(made))
    return made


@transaction.atomic
def renew_picture(picture: SharedPicture, *, content: Content, by: User) -> SharedPicture:
    """Show newer content under the same address. Raises ValidationError if it was taken back."""
    locked = SharedPicture.objects.select_for_update().get(pk=picture.pk)
    if locked.withdrawn_at is not None:
        raise ValidationError(_("This picture was taken back. Share a new one."))
    before = _facts(locked)
    for name, value in _columns(content).items():
        setattr(locked, name, value)
    locked.published_by, locked.published_at = by, timezone.now()
    locked.save(update_fields=[*_columns(content), "published_by", "published_at"])
    audit.record(RENEWED, locked, by=by, before=before, after=_facts(locked))
    return locked


@transaction.atomic
def withdraw_picture(picture: SharedPicture, *, by: User) -> bool:
    """Empty it for good; False if somebody did so already."""
    locked = SharedPicture.objects.select_for_update().get(pk=picture.pk)
    if locked.withdrawn_at is not None:
        return False
    before = _facts(locked)
    locked.content = {}
    locked.withdrawn_by, locked.withdrawn_at = by, timezone.now()
    locked.save(update_fields=["content", "withdrawn_by", "withdrawn_at"])
    audit.record(WITHDRAWN, locked, by=by, before=before)
    return True


def _columns(content: Content) -> dict[str, Any]:
    """What of the content stands in columns of its own."""
    return {
        "title": content["title"],
        "period": date.fromisoformat(f"{content['period']}-01"),
        "as_of": date.fromisoformat(content["as_of"]),
        "method": content["method"],
        "content": dict(content),
        "sha256": checksum(content),
    }


def _facts(picture: SharedPicture) -> dict[str, Any]:
    return {"title": picture.title, "as_of": picture.as_of, "sha256": picture.sha256}
