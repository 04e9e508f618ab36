"""Steps of rounds and returns are guarded; a closed round, its rows and its files never change."""

from django.db import migrations, models

#: A round goes planned → open → closed, and a closed one stays as it is.
ROUND = """
CREATE FUNCTION roadmap_round_goes_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state = 'closed' THEN
    RAISE EXCEPTION 'round % is closed', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN
    IF OLD.state <> 'planned' THEN
      RAISE EXCEPTION 'round % is open', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN OLD;
  END IF;
  IF OLD.state = 'open' AND (
       NEW.state = 'planned' OR (
         NEW.municipality_id, NEW.kind, NEW.fiscal_year, NEW.number, NEW.opens_on, NEW.opened_at
       ) IS DISTINCT FROM (
         OLD.municipality_id, OLD.kind, OLD.fiscal_year, OLD.number, OLD.opens_on, OLD.opened_at
       )
     ) THEN
    RAISE EXCEPTION 'round % is open', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER round_goes_forward BEFORE UPDATE OR DELETE ON roadmap_reportinground
  FOR EACH ROW EXECUTE FUNCTION roadmap_round_goes_forward();
"""
#: Rows and files come in the transaction that closes the round, before it is closed, never later.
#: The lock waits for a closing that is under way.
ADDED = """
CREATE FUNCTION roadmap_round_takes_no_more() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM roadmap_reportinground
    WHERE id IN (SELECT round_id FROM added) ORDER BY id FOR SHARE;
  IF EXISTS (
       SELECT FROM roadmap_reportinground
        WHERE id IN (SELECT round_id FROM added) AND state <> 'open'
     ) THEN
    RAISE EXCEPTION 'the round is not open' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER snapshot_only_while_open AFTER INSERT ON roadmap_roundsnapshot
  REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION roadmap_round_takes_no_more();
CREATE TRIGGER file_only_while_open AFTER INSERT ON roadmap_roundfile
  REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION roadmap_round_takes_no_more();
"""
RETURN = """
CREATE FUNCTION roadmap_return_only_while_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  at_stake bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.round_id ELSE NEW.round_id END;
BEGIN
  IF EXISTS (SELECT FROM roadmap_reportinground WHERE id = at_stake AND state = 'closed')
     OR (TG_OP = 'UPDATE' AND OLD.round_id <> NEW.round_id) THEN
    RAISE EXCEPTION 'round % is closed', at_stake USING ERRCODE = 'check_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER return_only_while_open BEFORE INSERT OR UPDATE OR DELETE ON roadmap_roundreturn
  FOR EACH ROW EXECUTE FUNCTION roadmap_return_only_while_open();
"""
BACKWARD = """
DROP TRIGGER return_only_while_open ON roadmap_roundreturn;
DROP FUNCTION roadmap_return_only_while_open();
DROP TRIGGER file_only_while_open ON roadmap_roundfile;
DROP TRIGGER snapshot_only_while_open ON roadmap_roundsnapshot;
DROP FUNCTION roadmap_round_takes_no_more();
DROP TRIGGER round_goes_forward ON roadmap_reportinground;
DROP FUNCTION roadmap_round_goes_forward();
"""


class Migration(migrations.Migration):
    dependencies = [("roadmap", "0005_indicator_rhythm_and_milestone_removal")]

    operations = [
        migrations.AddField(
            "reportinground", "version", models.PositiveIntegerField(db_default=1, default=1)
        ),
        migrations.AddField(
            "roundreturn",
            "note",
            models.TextField(
                blank=True, db_default="", default="", verbose_name="note of the department"
            ),
        ),
        migrations.RunSQL(ROUND + ADDED + RETURN, BACKWARD),
    ]
