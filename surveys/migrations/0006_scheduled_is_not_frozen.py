"""A scheduled wave can still be changed; from opening on, release and readers stand as well."""

from django.db import migrations

FROZEN = """
CREATE OR REPLACE FUNCTION surveys_wave_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state NOT IN {early} AND (
       NEW.k_cell, NEW.k_text, NEW.frozen_definition, NEW.frozen_org, NEW.notice_text,
       NEW.key_id, NEW.survey_id, NEW.opens_at, NEW.initiative_id{two_person_new}
     ) IS DISTINCT FROM (
       OLD.k_cell, OLD.k_text, OLD.frozen_definition, OLD.frozen_org, OLD.notice_text,
       OLD.key_id, OLD.survey_id, OLD.opens_at, OLD.initiative_id{two_person_old}
     ) THEN
    RAISE EXCEPTION 'wave % is frozen since its opening', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  IF OLD.state IN ('published', 'cancelled') AND NEW.state <> OLD.state THEN
    RAISE EXCEPTION 'wave % has ended', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
"""
GOES_FORWARD = """
CREATE OR REPLACE FUNCTION surveys_wave_goes_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state NOT IN {early} AND NEW.state IN {early} THEN
    RAISE EXCEPTION 'wave % is frozen since its opening', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  IF OLD.state = 'closing' AND NEW.state = 'open' THEN
    RAISE EXCEPTION 'wave % is being counted', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  IF OLD.state IN ('closing', 'published', 'cancelled', 'key_lost') AND (
       NEW.closes_at, NEW.publish_at
     ) IS DISTINCT FROM (OLD.closes_at, OLD.publish_at) THEN
    RAISE EXCEPTION 'wave % has ended', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  IF OLD.state IN ('published', 'cancelled', 'key_lost') AND NEW.state <> OLD.state THEN
    RAISE EXCEPTION 'wave % has ended', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  IF OLD.key_destroyed_at IS NOT NULL
     AND NEW.key_destroyed_at IS DISTINCT FROM OLD.key_destroyed_at THEN
    RAISE EXCEPTION 'wave % has ended', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
"""
READERS = """
CREATE FUNCTION surveys_readers_are_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  at_stake bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.wave_id ELSE NEW.wave_id END;
BEGIN
  IF EXISTS (
       SELECT FROM surveys_wave WHERE id = at_stake AND state NOT IN ('draft', 'scheduled')
     ) OR (TG_OP = 'UPDATE' AND OLD.wave_id <> NEW.wave_id) THEN
    RAISE EXCEPTION 'readers of wave % are fixed since its opening', at_stake
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER readers_are_fixed BEFORE INSERT OR UPDATE OR DELETE ON surveys_wavereader
  FOR EACH ROW EXECUTE FUNCTION surveys_readers_are_fixed();
"""
NOW = {
    "early": "('draft', 'scheduled')",
    "two_person_new": ", NEW.two_person",
    "two_person_old": ", OLD.two_person",
}
BEFORE = {"early": "('draft')", "two_person_new": "", "two_person_old": ""}
FORWARD = FROZEN.format(**NOW) + GOES_FORWARD.format(**NOW) + READERS
BACKWARD = (
    FROZEN.format(**BEFORE)
    + GOES_FORWARD.format(**BEFORE)
    + """
DROP TRIGGER readers_are_fixed ON surveys_wavereader;
DROP FUNCTION surveys_readers_are_fixed();
"""
)


class Migration(migrations.Migration):
    dependencies = [("surveys", "0005_finish_and_check_from_template")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
