-- What each trap does: with rights that its maker lacks, it leaves a file with its name in the server's data directory.
-- A session that acts as another role than the one that logged in is no protection: code goes back to that one.
-- The rest of a trap does what the server's own object does, so that a command that steps on it goes on to the next.
CREATE SCHEMA trap;
GRANT USAGE ON SCHEMA trap TO PUBLIC;
CREATE FUNCTION trap.fire(name text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  BEGIN EXECUTE 'SET ROLE NONE'; EXCEPTION WHEN others THEN NULL; END;
  EXECUTE format('COPY (SELECT current_query()) TO %L', current_setting('data_directory') || '/trap_'
    || current_database() || '_' || left(regexp_replace(name, '\W+', '_', 'g'), 150));
EXCEPTION WHEN others THEN NULL;
END $$;
CREATE FUNCTION trap.yes(name text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN PERFORM trap.fire(name); RETURN true; END $$;
CREATE FUNCTION trap.seven(name text) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN PERFORM trap.fire(name); RETURN 7; END $$;
CREATE FUNCTION trap.sprung() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM trap.fire('trigger on ' || TG_TABLE_NAME); RETURN coalesce(NEW, OLD); END $$;

-- A function like one of the server's, with other types for its arguments.
CREATE FUNCTION trap.likeness(place text, name text, types text, result text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE FUNCTION %I.%I(%s) RETURNS %s LANGUAGE plpgsql AS $f$ BEGIN PERFORM trap.fire(%L);'
                 ' RETURN pg_catalog.%I(%s); END $f$',
    place, name, types, result, place || '.' || name || '(' || types || ')', name,
    (SELECT string_agg('$' || n, ', ' ORDER BY n)
     FROM generate_series(1, cardinality(string_to_array(nullif(types, ''), ', '))) n));
EXCEPTION WHEN others THEN NULL; -- what cannot be made is no trap
END $$;

-- An operator like one of the server's, with other types for its operands.
CREATE FUNCTION trap.likeness(place text, operator text, l text, r text, result text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE f text := 'op_' || md5(operator || l || r);
BEGIN
  EXECUTE format('CREATE FUNCTION %I.%I(%s, %s) RETURNS %s LANGUAGE plpgsql AS $f$ BEGIN PERFORM trap.fire(%L);'
                 ' RETURN $1::text OPERATOR(pg_catalog.%s) $2::text; END $f$',
    place, f, l, r, result, place || ' operator ' || md5(operator) || ' ' || l || ' ' || r, operator);
  EXECUTE format('CREATE OPERATOR %I.%s (FUNCTION = %I.%I, LEFTARG = %s, RIGHTARG = %s)', place, operator, place, f, l, r);
EXCEPTION WHEN others THEN NULL;
END $$;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA trap TO PUBLIC;
