-- The two roles of an installation on PostgreSQL. Run it in the application's database, as a superuser, before the
-- first migrate, and again after each migrate (then the owner may run it too):
--
--   psql -d ldn_screen -f deploy/postgresql/roles.sql
--
-- ldn_owner owns everything: it runs migrate, restore and purge. ldn_app is the role of the web processes: it reads and
-- inserts, and changes or deletes rows only where the application may. It owns nothing.
-- Other names: -v owner=… -v app=…. Passwords are set if LDN_OWNER_PASSWORD and LDN_APP_PASSWORD are in the environment.

\set ON_ERROR_STOP on
\set QUIET on
\if :{?owner} \else \set owner ldn_owner \endif
\if :{?app} \else \set app ldn_app \endif
\set owner_password ''
\set app_password ''
\getenv owner_password LDN_OWNER_PASSWORD
\getenv app_password LDN_APP_PASSWORD

BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL ldn.owner = :'owner';
SET LOCAL ldn.owner_password = :'owner_password';
SET LOCAL ldn.app = :'app';
SET LOCAL ldn.app_password = :'app_password';

-- The roles.
DO $$
DECLARE
  kind text;
  role text;
  password text;
BEGIN
  FOREACH kind IN ARRAY ARRAY['ldn.owner', 'ldn.app'] LOOP
    role := current_setting(kind);
    password := current_setting(kind || '_password');
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
      EXECUTE format('CREATE ROLE %I LOGIN', role);
    END IF;
    IF password <> '' THEN
      EXECUTE format('ALTER ROLE %I PASSWORD %L', role, password);
    END IF;
  END LOOP;
  IF pg_has_role(current_setting('ldn.app'), current_setting('ldn.owner'), 'MEMBER') THEN
    RAISE EXCEPTION '% is a superuser or a member of %', current_setting('ldn.app'), current_setting('ldn.owner');
  END IF;
END $$;

-- The owner owns the database, so that migrate can create the extension pg_trgm, and all that is in the schema.
DO $$
DECLARE
  owner name := current_setting('ldn.owner');
  each record;
BEGIN
  EXECUTE format('ALTER DATABASE %I OWNER TO %I', current_database(), owner);
  EXECUTE format('ALTER SCHEMA public OWNER TO %I', owner);
  FOR each IN SELECT oid::regclass AS name FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND pg_get_userbyid(relowner) <> owner
  LOOP
    EXECUTE format('ALTER TABLE %s OWNER TO %I', each.name, owner);
  END LOOP;
  IF to_regproc('public.append_only_refusal') IS NOT NULL THEN
    EXECUTE format('ALTER FUNCTION public.append_only_refusal() OWNER TO %I', owner);
  END IF;
END $$;

-- What the application may do. A table that migrate adds can be read and inserted into; the rest follows when this
-- script runs again.
DO $$
DECLARE
  app name := current_setting('ldn.app');
BEGIN
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC, %I', current_database(), app);
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), app);
  EXECUTE format('REVOKE ALL ON SCHEMA public FROM PUBLIC, %I', app);
  EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', app);
  EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, %I', app);
  EXECUTE format('GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO %I', app);
  EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, %I', app);
  EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO %I', app);
  EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA public GRANT SELECT, INSERT ON TABLES TO %I',
                 current_setting('ldn.owner'), app);
  EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA public GRANT USAGE ON SEQUENCES TO %I',
                 current_setting('ldn.owner'), app);
END $$;

-- migrate marks append-only tables and gives each three triggers. Where one is missing or disabled, nothing is granted.
DO $$
DECLARE
  each record;
  tables int := 0;
  append_only_tables int := 0;
BEGIN
  FOR each IN
    SELECT c.oid::regclass AS name,
           count(t.oid) > 0 OR coalesce(obj_description(c.oid, 'pg_class'), '') = 'append-only' AS is_append_only,
           count(DISTINCT t.tgtype & 56) FILTER (WHERE t.tgenabled IN ('O', 'A')) AS refused -- DELETE, UPDATE, TRUNCATE
      FROM pg_class c
      LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND t.tgfoid = to_regproc('public.append_only_refusal')
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
     GROUP BY c.oid
  LOOP
    tables := tables + 1;
    IF NOT each.is_append_only THEN
      EXECUTE format('GRANT UPDATE, DELETE ON %s TO %I', each.name, current_setting('ldn.app'));
    ELSIF each.refused = 3 THEN
      append_only_tables := append_only_tables + 1;
    ELSE
      RAISE EXCEPTION '% has % of the three triggers that keep it append-only', each.name, each.refused
        USING HINT = 'Run migrate as the owner.';
    END IF;
  END LOOP;
  IF tables > 0 AND append_only_tables = 0 THEN
    RAISE EXCEPTION 'no table is append-only' USING HINT = 'Run migrate as the owner.';
  END IF;
END $$;
COMMIT;
