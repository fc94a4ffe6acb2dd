"""What the self-check reads of pg_catalog: every guard of the gate as a name and its properties."""

# Everything is named by text, never by oid: the same gate gives the same rows in every database.
QUERIES: dict[str, str] = {
    "functions": """
        SELECT p.oid::regprocedure::text,
               json_build_object(
                   'owner', pg_get_userbyid(p.proowner), 'acl', coalesce(array_to_string(ARRAY(
                       SELECT x::text FROM unnest(p.proacl) x ORDER BY 1), ' '), 'default'),
                   'security_definer', p.prosecdef, 'config', coalesce(array_to_string(ARRAY(
                       SELECT x FROM unnest(p.proconfig) x ORDER BY 1), '; '), ''),
                   'body', md5(pg_get_functiondef(p.oid)))
        FROM pg_proc p WHERE p.pronamespace = 'consent'::regnamespace""",
    "tables": """
        SELECT c.oid::regclass::text,
               json_build_object(
                   'owner', pg_get_userbyid(c.relowner), 'kind', c.relkind, 'persistence', c.relpersistence,
                   'acl', coalesce(array_to_string(ARRAY(
                       SELECT x::text FROM unnest(c.relacl) x ORDER BY 1), ' '), 'default'),
                   'rules', c.relhasrules, 'row security', c.relrowsecurity OR c.relforcerowsecurity,
                   'column_acl', coalesce((SELECT string_agg(a.attname || '=' || a.attacl::text, ' ' ORDER BY a.attname)
                       FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL), ''),
                   'columns', (SELECT string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
                                   || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
                                   || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), ''),
                                   ', ' ORDER BY a.attname)
                               FROM pg_attribute a
                               LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                               WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped))
        FROM pg_class c
        WHERE c.relnamespace = 'consent'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'f', 'p', 'S')""",
    "constraints": """
        SELECT conrelid::regclass || ' ' || conname,
               json_build_object('definition', pg_get_constraintdef(oid), 'validated', convalidated)
        FROM pg_constraint WHERE connamespace = 'consent'::regnamespace AND contype <> 'n'""",
    "indexes": """
        SELECT i.indexrelid::regclass::text, json_build_object(
                   'definition', pg_get_indexdef(i.indexrelid), 'valid', i.indisvalid AND i.indisready AND i.indislive)
        FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = 'consent'::regnamespace""",
    "guards": """
        SELECT t.tgname || ' on ' || t.tgrelid::regclass,
               json_build_object('definition', pg_get_triggerdef(t.oid), 'always', t.tgenabled = 'A')
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE c.relnamespace = 'consent'::regnamespace AND NOT t.tgisinternal""",
    # Foreign keys are kept by triggers of the system, which can be switched off one by one.
    "system triggers": """
        SELECT c.conrelid::regclass || ' ' || c.conname || ' ' || t.tgrelid::regclass || ' ' || t.tgfoid::regproc,
               json_build_object('enabled', t.tgenabled = 'O')
        FROM pg_trigger t JOIN pg_constraint c ON c.oid = t.tgconstraint
        WHERE c.connamespace = 'consent'::regnamespace AND t.tgisinternal""",
    "schema": """
        SELECT nspname, json_build_object('owner', pg_get_userbyid(nspowner), 'acl',
                   coalesce(array_to_string(ARRAY(SELECT x::text FROM unnest(nspacl) x ORDER BY 1), ' '), 'default'),
                   'default privileges', (
                       SELECT string_agg(d.defaclobjtype::text || ' ' || d.defaclacl::text, ' ' ORDER BY 1)
                       FROM pg_default_acl d WHERE d.defaclrole = 'consent_owner'::regrole))
        FROM pg_namespace WHERE nspname = 'consent'""",
    "other objects": """
        SELECT 'policy ' || polname || ' on ' || polrelid::regclass, '{}'::json FROM pg_policy p
        JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = 'consent'::regnamespace
        UNION ALL SELECT 'rule ' || r.rulename || ' on ' || r.ev_class::regclass, '{}'::json FROM pg_rewrite r
        JOIN pg_class c ON c.oid = r.ev_class WHERE c.relnamespace = 'consent'::regnamespace
        UNION ALL SELECT 'operator ' || o.oid::regoperator, '{}'::json FROM pg_operator o
        WHERE o.oprnamespace = 'consent'::regnamespace
        UNION ALL SELECT 'event trigger ' || evtname, '{}'::json FROM pg_event_trigger
        UNION ALL SELECT 'cast ' || castsource::regtype || ' to ' || casttarget::regtype, '{}'::json
        FROM pg_cast WHERE oid >= 16384
        UNION ALL SELECT 'inherits ' || inhrelid::regclass, '{}'::json FROM pg_inherits i
        JOIN pg_class c ON c.oid = i.inhparent WHERE c.relnamespace = 'consent'::regnamespace""",
    "roles": """
        SELECT rolname, json_build_object('login', rolcanlogin, 'superuser', rolsuper, 'bypass', rolbypassrls,
                   'create role', rolcreaterole, 'create database', rolcreatedb, 'replication', rolreplication)
        FROM pg_roles WHERE rolname IN ('consent_owner', 'gate_school', 'zgoda_owner', 'app_school', 'app_vendor',
                                        'app_public', 'app_keeper', 'app_dispatch', 'ledger_witness')""",
    "memberships": """
        SELECT r.rolname || ' to ' || m.rolname,
               json_build_object('admin', bool_or(a.admin_option), 'inherit', bool_or(a.inherit_option),
                                 'set', bool_or(a.set_option))
        FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid JOIN pg_roles m ON m.oid = a.member
        WHERE (r.rolname IN ('consent_owner', 'zgoda_owner') OR r.rolname LIKE 'app\\_%' OR r.rolname LIKE 'pg\\_%'
               OR r.rolname = 'ledger_witness' OR (r.rolname = 'gate_school' AND m.rolname !~ '^school_[0-9a-f]{32}$')
               OR (r.rolname ~ '^school_[0-9a-f]{32}$' AND m.rolname <> 'app_school' AND m.rolname <> 'zgoda_owner'))
          AND NOT (r.rolname LIKE 'pg\\_%' AND m.rolname LIKE 'pg\\_%') AND NOT m.rolsuper
        GROUP BY r.rolname, m.rolname""",
    # Schools come and go, so for their roles only what is wrong makes a row.
    "school roles": """
        SELECT rolname || ' is more than a school''s role', '{}'::json FROM pg_roles
        WHERE rolname ~ '^school_[0-9a-f]{32}$'
          AND (rolcanlogin OR rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)
        UNION ALL
        SELECT m.rolname || ' is ' || r.rolname || CASE WHEN a.inherit_option THEN ' always' ELSE ' at will' END,
               '{}'::json
        FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid JOIN pg_roles m ON m.oid = a.member
        WHERE r.rolname ~ '^school_[0-9a-f]{32}$' AND m.rolname IN ('app_school', 'zgoda_owner')
          AND (a.inherit_option OR (a.set_option AND m.rolname = 'zgoda_owner'))""",
    "rights": """
        SELECT login || ' in the database: ' || string_agg(privilege, ', ' ORDER BY privilege), '{}'::json
        FROM unnest(ARRAY['zgoda_owner', 'app_school', 'app_vendor', 'app_public', 'app_keeper', 'app_dispatch',
                          'ledger_witness']) AS login, unnest(ARRAY['CREATE', 'TEMPORARY']) AS privilege
        WHERE has_database_privilege(login, current_database(), privilege) GROUP BY login
        UNION ALL
        SELECT login || ' creates in public', '{}'::json
        FROM unnest(ARRAY['app_school', 'app_vendor', 'app_public', 'app_keeper', 'app_dispatch',
                          'ledger_witness']) AS login
        WHERE has_schema_privilege(login, 'public', 'CREATE')
        UNION ALL
        SELECT g.grantee::regrole || ' sets ' || p.parname, '{}'::json
        FROM pg_parameter_acl p, aclexplode(p.paracl) g
        WHERE g.grantee = 0 OR g.grantee::regrole::text IN ('zgoda_owner', 'app_school', 'app_vendor', 'app_public',
                                                            'app_keeper', 'app_dispatch', 'ledger_witness')""",
    "kinds": """
        SELECT kind, json_build_object('class', class, 'origin', origin, 'enqueued by', enqueued_by)
        FROM consent.registered_kinds()""",
}
