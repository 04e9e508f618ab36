"""Once a wave has left DRAFT, what people agreed to answer under cannot be changed by anybody."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION surveys_wave_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'draft' AND (
       NEW.k_cell, NEW.k_text, NEW.frozen_definition, NEW.frozen_org, NEW.notice_text,
       NEW.key_id, NEW.survey_id, NEW.opens_at
     ) IS DISTINCT FROM (
       OLD.k_cell, OLD.k_text, OLD.frozen_definition, OLD.frozen_org, OLD.notice_text,
       OLD.key_id, OLD.survey_id, OLD.opens_at
     ) THEN
    RAISE EXCEPTION 'wave % is frozen since its opening', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  IF OLD.initiative_id IS DISTINCT FROM NEW.initiative_id AND OLD.state <> 'draft' THEN
    RAISE EXCEPTION 'wave % is frozen since its opening', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  IF OLD.state IN ('published', 'cancelled') AND NEW.state <> OLD.state THEN
    RAISE EXCEPTION 'wave % has ended', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER wave_is_frozen BEFORE UPDATE ON surveys_wave
  FOR EACH ROW EXECUTE FUNCTION surveys_wave_is_frozen();
"""
BACKWARD = """
DROP TRIGGER wave_is_frozen ON surveys_wave;
DROP FUNCTION surveys_wave_is_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("surveys", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
