"""Give a municipality its own copy of the default staircase and themes."""

from django.db import transaction

from dxportal.accounts.audit import record
from dxportal.accounts.models import Municipality, User
from roadmap.content import CRITERIA, STAGES, STAIRCASE_VERSION, THEMES
from roadmap.marks import ALL, mark
from roadmap.models import Criterion, Stage, Theme


@transaction.atomic
def ensure_staircase(
    municipality: Municipality, *, by: User | None, channel: str = "screen"
) -> None:
    """Copy the seven stages and their criteria once; a municipality's own words are kept."""
    if Stage.objects.filter(municipality=municipality).exists():
        return
    stages = {
        (content.axis, content.step): Stage(
            municipality=municipality,
            axis=content.axis,
            step=content.step,
            name=content.name_ja,
            name_en=content.name_en,
            short=content.short_ja,
            short_en=content.short_en,
            version=STAIRCASE_VERSION,
        )
        for content in STAGES
    }
    Stage.objects.bulk_create(stages.values())
    Criterion.objects.bulk_create(
        Criterion(
            stage=stages[content.axis, content.step],
            code=content.code,
            text=content.text_ja,
            text_en=content.text_en,
            help=content.help_ja,
            help_en=content.help_en,
            mandatory=content.mandatory,
            source=content.source,
            question=content.question,
            order=order,
            version=STAIRCASE_VERSION,
        )
        for order, content in enumerate(CRITERIA)
    )
    record(
        "staircase.copied", municipality, by=by, channel=channel, municipality_id=municipality.pk
    )
    mark(municipality.pk, ALL)


@transaction.atomic
def ensure_themes(municipality: Municipality, *, by: User | None, channel: str = "screen") -> None:
    """Add the default themes that are missing; texts that were changed stay changed."""
    known = set(Theme.objects.filter(municipality=municipality).values_list("code", flat=True))
    missing = [content for content in THEMES if content.code not in known]
    if not missing:
        return
    Theme.objects.bulk_create(
        Theme(
            municipality=municipality,
            code=content.code,
            label=content.label_ja,
            label_en=content.label_en,
            order=content.order,
        )
        for content in missing
    )
    record("themes.copied", municipality, by=by, channel=channel, municipality_id=municipality.pk)
