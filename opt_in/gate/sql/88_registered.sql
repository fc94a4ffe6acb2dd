-- For the self-check of every process: the kinds decide what counts as marketing, and they come with a release.

CREATE FUNCTION consent.registered_kinds() RETURNS TABLE (kind text, class text, origin text, enqueued_by text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, consent, pg_temp AS $$
    SELECT k.kind, k.class, k.origin, k.enqueued_by FROM consent.kind k ORDER BY k.kind
$$;
