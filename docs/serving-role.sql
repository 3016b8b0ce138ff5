-- The least that a server needs: run by the owner of Marquee's tables, in its database, after each `marquee migrate up`.
-- May be run again and again. What it doesn't grant is tested to be out of reach: tests/it/serving_role.rs.

-- Where an administrator has made the role, or an earlier run, it stays as it is.
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'marquee_serving') THEN
        CREATE ROLE marquee_serving LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL; -- Somebody else has just made it.
END $$;

-- No temporary tables for anybody but the owner: `import` and `generate` need them, and are the owner's.
DO $$ BEGIN
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO marquee_serving', current_database());
    EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC', current_schema());
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO marquee_serving', current_schema());
END $$;

-- The catalogue and its tallies, which triggers keep in the name of who writes; keys of mutations.
GRANT SELECT, INSERT, UPDATE, DELETE ON
    film, critic, publication, film_external_id, critic_external_id, review, published_score,
    film_tally, critic_tally, publication_tally, idempotency_key
TO marquee_serving;

-- What a review was can be added to, by the triggers, and stays what it was.
GRANT SELECT, INSERT ON review_revision TO marquee_serving;

-- A token's hash can be stored, and shown to api_token_of to find the token; it can't be read or changed. Nor can a token's role, and a
-- trigger keeps revoked ones revoked.
GRANT
    SELECT (id, public_id, name, role, critic_id, created_at, created_by, expires_at, revoked_at, last_used_at),
    INSERT (public_id, secret_hash, name, role, critic_id, created_by, expires_at),
    UPDATE (critic_id, revoked_at, last_used_at)
ON api_token TO marquee_serving;
GRANT EXECUTE ON FUNCTION api_token_of(text, bytea) TO marquee_serving;

-- Whether the schema is this version's.
GRANT SELECT ON seaql_migrations TO marquee_serving;
