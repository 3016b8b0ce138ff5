//! Creates the tables of external ids: the identifiers of films and critics at sources, which imports look up.

use crate::SqlMigration;

pub(crate) fn migration() -> SqlMigration {
    let (up, down) = ["film", "critic"]
        .map(|owner| (create(owner), format!("DROP TABLE {owner}_external_id;\n")))
        .into_iter()
        .unzip::<_, _, Vec<_>, Vec<_>>();
    SqlMigration {
        name: "m20261120_000005_create_external_ids",
        up: up.concat(),
        down: down.concat(),
    }
}

/// A film or critic may have several external ids, at one source or several. An external id belongs to one of them.
fn create(owner: &str) -> String {
    format!(
        r#"
CREATE TABLE {owner}_external_id (
    source      text COLLATE "C" NOT NULL,
    external_id text COLLATE "C" NOT NULL,
    {owner}_id  bigint NOT NULL,
    CONSTRAINT {owner}_external_id_unique PRIMARY KEY (source, external_id),
    CONSTRAINT {owner}_external_id_owner_known FOREIGN KEY ({owner}_id) REFERENCES {owner} (id) ON DELETE CASCADE,
    CONSTRAINT {owner}_external_id_not_blank CHECK (source ~ '\S' AND external_id ~ '\S')
);
CREATE INDEX {owner}_external_id_of_{owner} ON {owner}_external_id ({owner}_id, source);
"#
    )
}
