"""Initiatives asked about in one sitting; dates, people and reasons of a follow-up can be set."""

import django.db.models.deletion
from django.db import migrations, models

FROZEN = """
CREATE OR REPLACE FUNCTION surveys_wave_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state NOT IN ('draft', 'scheduled') AND (
       NEW.k_cell, NEW.k_text, NEW.frozen_definition, NEW.frozen_org, NEW.notice_text,
       NEW.key_id, NEW.survey_id, NEW.opens_at, NEW.initiative_id, NEW.two_person{new}
     ) IS DISTINCT FROM (
       OLD.k_cell, OLD.k_text, OLD.frozen_definition, OLD.frozen_org, OLD.notice_text,
       OLD.key_id, OLD.survey_id, OLD.opens_at, OLD.initiative_id, OLD.two_person{old}
     ) THEN
    RAISE EXCEPTION 'wave % is frozen since its opening', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  IF OLD.state IN ('published', 'cancelled') AND NEW.state <> OLD.state THEN
    RAISE EXCEPTION 'wave % has ended', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
"""
FORWARD = FROZEN.format(new=", NEW.sitting_id, NEW.several", old=", OLD.sitting_id, OLD.several")
BACKWARD = FROZEN.format(new="", old="")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_webhook_failure"),
        ("roadmap", "0010_adoption_task"),
        ("surveys", "0006_scheduled_is_not_frozen"),
    ]

    operations = [
        migrations.CreateModel(
            name="AskLimit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "asks_per_quarter",
                    models.PositiveSmallIntegerField(
                        default=3,
                        verbose_name="how often one person is asked in a quarter, at most",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
            ],
            options={
                "verbose_name": "limit on asking",
            },
        ),
        migrations.AlterModelOptions(
            name="followup",
            options={"verbose_name": "follow-up"},
        ),
        migrations.AddField(
            model_name="followup",
            name="departments",
            field=models.ManyToManyField(
                blank=True, related_name="+", to="accounts.department", verbose_name="whom to ask"
            ),
        ),
        migrations.AddField(
            model_name="followup",
            name="not_asked",
            field=models.CharField(
                blank=True,
                choices=[
                    ("limit", "Those meant to use it were asked too often already"),
                    ("busy", "Those meant to use it were being asked about something else"),
                    ("late", "The time for asking had passed"),
                    ("nobody", "Nobody who is meant to use it can be asked"),
                    ("ended", "It was stopped or on hold when it was to be asked about"),
                    ("office", "The DX office decided not to ask"),
                ],
                db_default="",
                default="",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="followup",
            name="not_asked_note",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=300, verbose_name="reason"
            ),
        ),
        migrations.AddField(
            model_name="followup",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name="followup",
            name="why",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                max_length=300,
                verbose_name="what it was brought in for",
            ),
        ),
        migrations.AddField(
            model_name="wave",
            name="several",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="wave",
            name="withheld",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="wave",
            name="sitting",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="blocks",
                to="surveys.wave",
            ),
        ),
        migrations.AddField(
            model_name="followup",
            name="task",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="follow_ups",
                to="roadmap.adoptiontask",
            ),
        ),
        migrations.AlterField(
            model_name="followup",
            name="due_on",
            field=models.DateField(verbose_name="asked from"),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("not_asked", ""),
                    models.Q(("closed_on__isnull", False), ("wave__isnull", True)),
                    _connector="OR",
                ),
                name="follow_up_not_asked_is_closed",
            ),
        ),
        migrations.AddConstraint(
            model_name="wave",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("sitting__isnull", True),
                    models.Q(("initiative__isnull", False), ("several", False)),
                    _connector="OR",
                ),
                name="wave_block_has_an_initiative",
            ),
        ),
        migrations.AddField(
            model_name="asklimit",
            name="municipality",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="ask_limit",
                to="accounts.municipality",
            ),
        ),
        migrations.AddConstraint(
            model_name="asklimit",
            constraint=models.CheckConstraint(
                condition=models.Q(("asks_per_quarter__range", (1, 12))), name="ask_limit_1_to_12"
            ),
        ),
        migrations.RemoveConstraint(model_name="wave", name="wave_open_has_key"),
        migrations.AddConstraint(
            model_name="wave",
            constraint=models.CheckConstraint(
                condition=models.Q(state__in=["draft", "scheduled"])
                | models.Q(key_id="") ^ models.Q(sitting__isnull=True),
                name="wave_open_has_key",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
