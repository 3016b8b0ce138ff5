//! Creates the table of API tokens, which authenticate clients. Only a hash of each secret is stored.

use crate::SqlMigration;

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261120_000008_create_api_token",
        up: UP.to_owned(),
        down: DOWN.to_owned(),
    }
}

/// Deleting a critic deletes the critic's tokens.
const UP: &str = r#"
CREATE TABLE api_token (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id    text COLLATE "C" NOT NULL,
    secret_hash  bytea NOT NULL,
    name         text COLLATE "und-x-icu" NOT NULL,
    role         text NOT NULL,
    critic_id    bigint,
    created_at   timestamptz NOT NULL DEFAULT now(),
    created_by   text NOT NULL,
    expires_at   timestamptz,
    revoked_at   timestamptz,
    last_used_at timestamptz,
    CONSTRAINT api_token_critic_known FOREIGN KEY (critic_id) REFERENCES critic (id) ON DELETE CASCADE,
    CONSTRAINT api_token_public_id_unique UNIQUE (public_id),
    CONSTRAINT api_token_public_id_form CHECK (public_id ~ '^[0-9a-f]{12}$'),
    CONSTRAINT api_token_secret_hash_length CHECK (octet_length(secret_hash) = 32),
    CONSTRAINT api_token_name_not_blank CHECK (name ~ '\S'),
    CONSTRAINT api_token_name_length CHECK (char_length(name) <= 100),
    CONSTRAINT api_token_name_printable CHECK (name !~ '[[:cntrl:]]'),
    CONSTRAINT api_token_role_known CHECK (role IN ('critic', 'editor', 'admin')),
    CONSTRAINT api_token_critic_of_critics CHECK ((role = 'critic') = (critic_id IS NOT NULL)),
    CONSTRAINT api_token_created_by_not_blank CHECK (created_by ~ '\S'),
    CONSTRAINT api_token_moments_range CHECK (
        created_at BETWEEN '0001-01-02' AND '9999-12-30' AND expires_at BETWEEN '0001-01-02' AND '9999-12-30'
        AND revoked_at BETWEEN '0001-01-02' AND '9999-12-30' AND last_used_at BETWEEN '0001-01-02' AND '9999-12-30'
    )
);
CREATE INDEX api_token_of_critic ON api_token (critic_id);
COMMENT ON COLUMN api_token.secret_hash IS 'The SHA-256 of the token''s secret, which is kept nowhere.';
"#;

const DOWN: &str = "DROP TABLE api_token;";
