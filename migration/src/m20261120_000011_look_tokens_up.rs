//! Looking a token up without reading hashes: so the role that serves needs no right to see them.

use crate::SqlMigration;

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261120_000011_look_tokens_up",
        up: UP.to_owned(),
        down: DOWN.to_owned(),
    }
}

/// The function runs with its owner's rights, in a fixed search path, and gives a row only to who shows its hash. Hashes of hashes are
/// compared, so that how long that takes tells nothing of the stored one; and when there is no such token there is one of nobody to
/// compare, so that it takes as long as when there is.
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
        FROM (VALUES (decode(repeat('00', 32), 'hex'))) AS nobody (hash)
        LEFT JOIN %1$I.api_token AS token ON token.public_id = wanted
        WHERE sha256(coalesce(token.secret_hash, nobody.hash)) = sha256(api_token_of.hash) AND token.id IS NOT NULL;
END $body$;
REVOKE EXECUTE ON FUNCTION %1$I.api_token_of(text, bytea) FROM PUBLIC;
COMMENT ON FUNCTION %1$I.api_token_of(text, bytea) IS 'The token with this public id, for who shows the SHA-256 of its secret.';
$statements$, current_schema());
END $migration$;
";

const DOWN: &str = "DROP FUNCTION api_token_of(text, bytea);";
