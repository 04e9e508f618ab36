"""A wave never goes back: a draft again could be changed, and an ended one shown earlier."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION surveys_wave_goes_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'draft' AND NEW.state = 'draft' THEN
    RAISE EXCEPTION 'wave % is frozen since its opening', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  IF OLD.state IN ('published', 'cancelled', 'key_lost') AND (
       NEW.state, NEW.closes_at, NEW.publish_at
     ) IS DISTINCT FROM (OLD.state, OLD.closes_at, OLD.publish_at) THEN
    RAISE EXCEPTION 'wave % has ended', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  IF OLD.key_destroyed_at IS NOT NULL
     AND NEW.key_destroyed_at IS DISTINCT FROM OLD.key_destroyed_at THEN
    RAISE EXCEPTION 'wave % has ended', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER wave_goes_forward BEFORE UPDATE ON surveys_wave
  FOR EACH ROW EXECUTE FUNCTION surveys_wave_goes_forward();
"""
BACKWARD = """
DROP TRIGGER wave_goes_forward ON surveys_wave;
DROP FUNCTION surveys_wave_goes_forward();
"""


class Migration(migrations.Migration):
    dependencies = [("surveys", "0002_wave_is_frozen")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
