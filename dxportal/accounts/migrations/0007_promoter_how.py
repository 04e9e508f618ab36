"""How a promoter was chosen, and the time allowed for it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_webhook_failure")]

    operations = [
        migrations.AddField(
            model_name="rolegrant",
            name="chosen",
            field=models.CharField(
                blank=True,
                choices=[
                    ("volunteered", "Volunteered"),
                    ("recommended", "Recommended"),
                    ("appointed", "Appointed"),
                    ("rotation", "By turns"),
                    ("other", "Another way"),
                ],
                db_default="",
                default="",
                max_length=12,
                verbose_name="way of choosing",
            ),
        ),
        migrations.AddField(
            model_name="rolegrant",
            name="minutes",
            field=models.PositiveSmallIntegerField(
                blank=True, null=True, verbose_name="minutes a week allowed for it"
            ),
        ),
        migrations.AddConstraint(
            model_name="rolegrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("minutes__isnull", True), ("minutes__range", (1, 2400)), _connector="OR"
                ),
                name="role_grant_minutes_of_a_week",
            ),
        ),
    ]
