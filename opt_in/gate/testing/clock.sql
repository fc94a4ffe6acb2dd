-- A clock that tests can set, for test databases only: the self-check finds both the schema and the changed function.
CREATE SCHEMA consent_test;
CREATE TABLE consent_test.clock (ahead interval NOT NULL);
INSERT INTO consent_test.clock VALUES ('0');
GRANT USAGE ON SCHEMA consent_test TO consent_owner;
GRANT SELECT ON consent_test.clock TO consent_owner;
CREATE OR REPLACE FUNCTION consent.now() RETURNS timestamptz LANGUAGE sql VOLATILE
SET search_path = pg_catalog, consent, pg_temp
RETURN clock_timestamp() + (SELECT ahead FROM consent_test.clock);
