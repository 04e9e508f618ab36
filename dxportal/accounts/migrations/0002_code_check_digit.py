"""The database refuses a municipality code with a wrong check digit."""

from django.db import migrations

FORWARD = """
ALTER TABLE accounts_municipality ADD CONSTRAINT municipality_code_check_digit CHECK (
  (11 - (6 * substr(code, 1, 1)::int + 5 * substr(code, 2, 1)::int + 4 * substr(code, 3, 1)::int
       + 3 * substr(code, 4, 1)::int + 2 * substr(code, 5, 1)::int) % 11) % 10
  = substr(code, 6, 1)::int)
"""
BACKWARD = "ALTER TABLE accounts_municipality DROP CONSTRAINT municipality_code_check_digit"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
