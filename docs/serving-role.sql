-- The privileges that a server needs. The owner of Marquee's tables runs this script in their database, after each
-- `marquee migrate up`. It may run repeatedly. tests/it/serving_role.rs tests that other privileges are missing.

-- A role that an administrator or an earlier run has created stays as it is.
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'marquee_serving') THEN
        CREATE ROLE marquee_serving LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL; -- Another session has just created it.
END $$;

-- Temporary tables hold the rows of the mutation `importFile`.
DO $$ BEGIN
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO marquee_serving', current_database());
    EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC', current_schema());
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO marquee_serving', current_schema());
END $$;

-- The catalogue and its tallies, which triggers update with the privileges of the writer; idempotency keys.
GRANT SELECT, INSERT, UPDATE, DELETE ON
    film, critic, publication, film_external_id, critic_external_id, review, published_score,
    film_tally, critic_tally, publication_tally, review_month_count, idempotency_key
TO marquee_serving;

-- The rules of the site, which admins change.
GRANT SELECT, UPDATE ON site_rules TO marquee_serving;

-- Triggers add revisions of reviews. Only the erasure of a critic changes them, and only what may name the critic; it is
-- recorded, and the record stays. Nothing deletes them.
GRANT SELECT, INSERT, UPDATE (critic_id, byline, excerpt, url, external_id, replaced_by)
ON review_revision TO marquee_serving;
GRANT SELECT, INSERT ON erasure TO marquee_serving;

-- The hash of a token can be stored, and passed to api_token_of to find the token. Neither the hash nor the role can be
-- changed, and the hash can't be read. A trigger prevents that a revoked token becomes valid again.
GRANT
    SELECT (id, public_id, name, role, critic_id, created_at, created_by, expires_at, revoked_at, last_used_at),
    INSERT (public_id, secret_hash, name, role, critic_id, created_by, expires_at),
    UPDATE (critic_id, revoked_at, last_used_at)
ON api_token TO marquee_serving;
GRANT EXECUTE ON FUNCTION api_token_of(text, bytea) TO marquee_serving;

-- To check that no sequence is behind its table. Inserting rows needs no privilege on these sequences.
GRANT SELECT ON SEQUENCE
    api_token_id_seq, critic_id_seq, erasure_id_seq, film_id_seq, publication_id_seq, published_score_id_seq, review_id_seq,
    review_revision_id_seq
TO marquee_serving;

-- To check for pending migrations.
GRANT SELECT ON seaql_migrations TO marquee_serving;
