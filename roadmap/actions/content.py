"""Give a municipality its own copy of the default staircase, themes and lists of tags."""

import datetime as dt
from collections.abc import Iterable
from typing import Final

from django.db import transaction

from dxportal.accounts.audit import record
from dxportal.accounts.models import Municipality, User
from roadmap.content import CRITERIA, STAGES, STAIRCASE_VERSION, TAGS, THEMES, TagContent
from roadmap.marks import ALL, mark
from roadmap.models import (
    Criterion,
    CriterionVersion,
    Stage,
    StageVersion,
    StaircaseVersion,
    Tag,
    Theme,
)

#: The first version applies to every day: what was answered before it was copied counts by it.
FIRST_DAY: Final = dt.date(2000, 1, 1)
#: What a version says of a step and of a criterion, under the same names as the living rows.
STAGE_FIELDS: Final = ("name", "name_en", "short", "short_en")
CRITERION_FIELDS: Final = (
    *("code", "text", "text_en", "help", "help_en", "mandatory", "source", "question"),
    *("measure", "threshold", "unit", "order"),
)


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
    criteria = Criterion.objects.bulk_create(
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
            measure=content.measure,
            threshold=dict(content.threshold),
            unit=content.unit,
            order=order,
            version=STAIRCASE_VERSION,
        )
        for order, content in enumerate(CRITERIA)
    )
    first = StaircaseVersion.objects.create(
        municipality=municipality,
        label=STAIRCASE_VERSION,
        valid_from=FIRST_DAY,
        applied=True,
        created_by=by,
    )
    write_version(first, stages.values(), criteria)
    record(
        "staircase.copied", municipality, by=by, channel=channel, municipality_id=municipality.pk
    )
    mark(municipality.pk, ALL)


def write_version(
    version: StaircaseVersion, stages: Iterable[Stage], criteria: Iterable[Criterion]
) -> None:
    """Write the living rows down as what a version says."""
    StageVersion.objects.bulk_create(
        StageVersion(
            staircase=version, stage=row, **{name: getattr(row, name) for name in STAGE_FIELDS}
        )
        for row in stages
    )
    CriterionVersion.objects.bulk_create(
        CriterionVersion(
            staircase=version,
            criterion=row,
            stage_id=row.stage_id,
            **{name: getattr(row, name) for name in CRITERION_FIELDS},
        )
        for row in criteria
    )


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


def missing_tags(municipality: Municipality) -> list[TagContent]:
    """Entries of the lists that come with the product and are not here yet: one query."""
    known = set(
        Tag.objects.filter(municipality=municipality).values_list("scheme", "version", "code")
    )
    return [tag for tag in TAGS if (tag.scheme.value, tag.version, tag.code) not in known]


@transaction.atomic
def ensure_tags(municipality: Municipality, *, by: User | None, channel: str = "screen") -> int:
    """Add the entries of the bundled lists that are missing; what was ended here stays ended.

    Returns how many came.
    """
    missing = missing_tags(municipality)
    if not missing:
        return 0
    Tag.objects.bulk_create(
        (
            Tag(
                municipality=municipality,
                scheme=content.scheme,
                code=content.code,
                label=content.label_ja,
                label_en=content.label_en,
                version=content.version,
                order=content.order,
                valid_from=content.valid_from,
                valid_to=content.valid_to,
            )
            for content in missing
        ),
        ignore_conflicts=True,
    )
    record("tags.copied", municipality, by=by, channel=channel, municipality_id=municipality.pk)
    return len(missing)
