"""What those get who cannot use an initiative; trainings, counted by section and without names."""

from django.db import migrations, models


def _text(label):
    return models.TextField(blank=True, db_default="", default="", verbose_name=label)


class Migration(migrations.Migration):
    dependencies = [("roadmap", "0011_value_ledger"), ("accounts", "0007_promoter_how")]

    operations = [
        migrations.AddField(
            model_name="initiative",
            name="replaces_channel",
            field=models.BooleanField(
                blank=True,
                null=True,
                verbose_name="does it replace a counter, paper or telephone",
            ),
        ),
        migrations.AddField("initiative", "replaced_channel", _text("what it replaces")),
        migrations.AddField(
            "initiative", "alternative", _text("other way for those who cannot use it")
        ),
        migrations.AddField("initiative", "support", _text("who helps them, where, until when")),
        migrations.CreateModel(
            name="Training",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=120, verbose_name="title")),
                ("held_on", models.DateField(verbose_name="day")),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="minutes"),
                ),
                (
                    "place",
                    models.CharField(
                        blank=True, max_length=300, verbose_name="place or address of the page"
                    ),
                ),
                (
                    "for_whom",
                    models.CharField(blank=True, max_length=200, verbose_name="for whom"),
                ),
                (
                    "removed_on",
                    models.DateField(blank=True, null=True, verbose_name="removed on"),
                ),
                (
                    "initiative",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=models.deletion.SET_NULL,
                        related_name="trainings",
                        to="roadmap.initiative",
                        verbose_name="initiative",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=models.deletion.CASCADE,
                        related_name="trainings",
                        to="accounts.municipality",
                    ),
                ),
                (
                    "offered_to",
                    models.ManyToManyField(
                        blank=True,
                        related_name="+",
                        to="accounts.department",
                        verbose_name="offered to",
                    ),
                ),
            ],
            options={
                "verbose_name": "training",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("removed_on__isnull", True)),
                        fields=("municipality", "held_on", "title"),
                        name="training_once_a_day",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TrainingAttendance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("people", models.PositiveSmallIntegerField(verbose_name="people")),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.department",
                    ),
                ),
                (
                    "training",
                    models.ForeignKey(
                        on_delete=models.deletion.CASCADE,
                        related_name="attendance",
                        to="roadmap.training",
                    ),
                ),
            ],
            options={
                "verbose_name": "attendance",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("training", "department"), name="training_attendance_once"
                    )
                ],
            },
        ),
    ]
