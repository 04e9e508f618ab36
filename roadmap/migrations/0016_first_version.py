"""Each municipality's staircase as it stands becomes its first version."""

import datetime as dt

from django.db import migrations

STAGE = ("name", "name_en", "short", "short_en")
CRITERION = (
    *("code", "text", "text_en", "help", "help_en", "mandatory", "source", "question"),
    *("measure", "threshold", "unit", "order"),
)


def write_first_versions(apps, schema_editor):
    using = schema_editor.connection.alias

    def rows(name):
        return apps.get_model("roadmap", name).objects.using(using)

    rows("Criterion").filter(source="initiative", measure="").update(measure="asked_again")
    for place in rows("Stage").values_list("municipality_id", flat=True).distinct().order_by():
        stages = list(rows("Stage").filter(municipality_id=place))
        version = rows("StaircaseVersion").create(
            municipality_id=place,
            label=stages[0].version,
            valid_from=dt.date(2000, 1, 1),
            applied=True,
        )
        for stage in stages:
            rows("StageVersion").create(
                staircase=version, stage=stage, **{name: getattr(stage, name) for name in STAGE}
            )
        for criterion in rows("Criterion").filter(stage__municipality_id=place):
            rows("CriterionVersion").create(
                staircase=version,
                criterion=criterion,
                stage_id=criterion.stage_id,
                **{name: getattr(criterion, name) for name in CRITERION},
            )


def forget_versions(apps, schema_editor):
    using = schema_editor.connection.alias
    apps.get_model("roadmap", "StaircaseVersion").objects.using(using).all().delete()


class Migration(migrations.Migration):
    dependencies = [("roadmap", "0015_maturity")]

    operations = [migrations.RunPython(write_first_versions, forget_versions)]
