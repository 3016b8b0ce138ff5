//! Protects tokens from the serving role: it can look up a token without read access to the hashes, and it can't undo a
//! revocation.

use crate::SqlMigration;

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261120_000011_guard_tokens",
        up: UP.to_owned(),
        down: DOWN.to_owned(),
    }
}

/// The function runs with its owner's privileges and a fixed search path, and returns a row only for the matching hash.
/// It compares hashes of the hashes, so that the timing doesn't reveal the stored one. The public ids are not secret.
const UP: &str = r"
DO $migration$ BEGIN
EXECUTE format($statements$
CREATE FUNCTION %1$I.api_token_of(wanted text, hash bytea)
RETURNS TABLE (
    id bigint, public_id text, name text, role text, critic_id bigint, created_at timestamptz, created_by text,
    expires_at timestamptz, revoked_at timestamptz, last_used_at timestamptz
)
LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
    RETURN QUERY
        SELECT token.id, token.public_id, token.name, token.role, token.critic_id, token.created_at, token.created_by,
            token.expires_at, token.revoked_at, token.last_used_at
        FROM %1$I.api_token AS token
        WHERE token.public_id = wanted AND sha256(token.secret_hash) = sha256(hash);
END $body$;
REVOKE EXECUTE ON FUNCTION %1$I.api_token_of(text, bytea) FROM PUBLIC;
COMMENT ON FUNCTION %1$I.api_token_of(text, bytea) IS 'The token with this public id, for who shows the SHA-256 of its secret.';
$statements$, current_schema());
END $migration$;

CREATE FUNCTION api_token_stays_revoked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a revoked token stays revoked'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'api_token_stays_revoked';
END $$;
CREATE TRIGGER api_token_stays_revoked BEFORE UPDATE OF revoked_at ON api_token
    FOR EACH ROW WHEN (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at)
    EXECUTE FUNCTION api_token_stays_revoked();
";

const DOWN: &str = "
DROP TRIGGER api_token_stays_revoked ON api_token;
DROP FUNCTION api_token_stays_revoked();
DROP FUNCTION api_token_of(text, bytea);
";
