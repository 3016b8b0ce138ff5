//! Creates the table of idempotency keys, with the results of mutations that a client may retry.

use crate::SqlMigration;

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261120_000009_create_idempotency_key",
        up: UP.to_owned(),
        down: DOWN.to_owned(),
    }
}

/// A key belongs to one actor, because two actors may choose the same key. The transaction of the mutation writes the
/// row, so the row exists exactly if the mutation is committed.
const UP: &str = r#"
CREATE TABLE idempotency_key (
    actor       text COLLATE "C" NOT NULL,
    key         text COLLATE "C" NOT NULL,
    fingerprint bytea NOT NULL,
    outcome     text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT idempotency_key_unique PRIMARY KEY (actor, key),
    CONSTRAINT idempotency_key_fingerprint_length CHECK (octet_length(fingerprint) = 32)
);
COMMENT ON COLUMN idempotency_key.fingerprint IS 'SHA-256 of the mutation and its input.';
COMMENT ON COLUMN idempotency_key.outcome IS 'What came of it, as JSON; null only before the end of the transaction.';
CREATE INDEX idempotency_key_by_age ON idempotency_key (created_at);
"#;

const DOWN: &str = "DROP TABLE idempotency_key;";
