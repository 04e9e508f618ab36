"""Short cuts and the check page were the template's; from now on they are the survey's own."""

from django.db import migrations

FORWARD = """
UPDATE surveys_option SET finish = true
FROM surveys_question question JOIN surveys_survey survey ON survey.id = question.survey_id
WHERE surveys_option.question_id = question.id AND surveys_option.code = 'none'
  AND question.code = 'Q1' AND survey.template = 'pain';
UPDATE surveys_survey SET check_page = false WHERE template = 'follow_up';
"""


class Migration(migrations.Migration):
    dependencies = [("surveys", "0004_designing_releasing_reading")]

    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
