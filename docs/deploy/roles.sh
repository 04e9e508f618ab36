#!/bin/bash
# The two roles of the product; run once by the database's first start, safe to run again as superuser.
set -euo pipefail
psql --quiet --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname=postgres \
  --set=owner="$DATABASE_OWNER_PASSWORD" --set=app="$DATABASE_APP_PASSWORD" <<'SQL'
SELECT 'CREATE ROLE dxportal_owner' WHERE to_regrole('dxportal_owner') IS NULL \gexec
SELECT 'CREATE ROLE dxportal_app' WHERE to_regrole('dxportal_app') IS NULL \gexec
ALTER ROLE dxportal_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION PASSWORD :'owner';
ALTER ROLE dxportal_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION PASSWORD :'app';

ALTER ROLE dxportal_owner SET lock_timeout = '2s';
ALTER ROLE dxportal_owner SET idle_in_transaction_session_timeout = '120s';
ALTER ROLE dxportal_app SET statement_timeout = '30s';
ALTER ROLE dxportal_app SET idle_in_transaction_session_timeout = '60s';

-- Whatever somebody turns on for the whole server: what the ballots' role does is not logged.
ALTER ROLE dxportal_app SET log_statement = 'none';
ALTER ROLE dxportal_app SET log_min_duration_statement = -1;
ALTER ROLE dxportal_app SET log_min_duration_sample = -1;
ALTER ROLE dxportal_app SET log_transaction_sample_rate = 0;
ALTER ROLE dxportal_app SET log_duration = off;
ALTER ROLE dxportal_app SET log_parameter_max_length = 0;
ALTER ROLE dxportal_app SET log_parameter_max_length_on_error = 0;
ALTER ROLE dxportal_app SET log_min_error_statement = 'panic';
ALTER ROLE dxportal_app SET log_error_verbosity = 'terse';

SELECT 'CREATE DATABASE dxportal OWNER dxportal_owner TEMPLATE template0'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'dxportal') \gexec
REVOKE ALL ON DATABASE dxportal FROM PUBLIC;
GRANT CONNECT ON DATABASE dxportal TO dxportal_app;
SQL
