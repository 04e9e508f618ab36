"""The check list of the national procedure, the progress of the wizard, samples."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_promoter_how"),
        ("roadmap", "0012_nobody_left_behind"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SampleInitiative",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=30)),
                ("seen_event", models.BigIntegerField()),
                ("kept", models.BooleanField(default=False)),
                (
                    "initiative",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sample",
                        to="roadmap.initiative",
                    ),
                ),
            ],
            options={
                "verbose_name": "sample",
            },
        ),
        migrations.CreateModel(
            name="SetUp",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("steps", models.JSONField(default=dict, verbose_name="steps")),
                ("dismissed", models.BooleanField(default=False, verbose_name="not now")),
                (
                    "municipality",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="set_up",
                        to="accounts.municipality",
                    ),
                ),
            ],
            options={
                "verbose_name": "set-up",
            },
        ),
        migrations.CreateModel(
            name="ProcedureEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("item", models.CharField(max_length=30, verbose_name="item")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("not_yet", "Not yet"),
                            ("under_way", "Under way"),
                            ("in_place", "In place"),
                        ],
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("evidence", models.CharField(blank=True, max_length=400, verbose_name="evidence")),
                ("held_on", models.DateField(blank=True, null=True, verbose_name="since")),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="said on")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="procedure",
                        to="accounts.municipality",
                    ),
                ),
                (
                    "undoes",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="undone_by",
                        to="roadmap.procedureentry",
                    ),
                ),
            ],
            options={
                "verbose_name": "step of the national procedure",
                "indexes": [
                    models.Index(fields=["municipality", "item", "-id"], name="procedure_latest")
                ],
            },
        ),
    ]
