//! The index of the names of a process. It is read when it is first used, and stored nowhere: reading all names takes less
//! time than checking a stored copy would.

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use tokio::task::spawn_blocking;

use crate::{
    cache::{invalidation_clock::MAX_CHANGES, snapshots::Snapshots, tag::TagKind},
    database::{session::Session, sql},
    loader::table_index::{ChangedRows, TableIndex},
    search::{
        NameKind,
        name_index::{NameIndex, NamedRow},
    },
    text::alternative_title::AlternativeTitle,
};

/// The number of names that are read at once. Converting them takes a few milliseconds.
const READ_AT_ONCE: usize = 8_192;

impl NameKind {
    const fn table(self) -> &'static str {
        match self {
            Self::Film => "film",
            Self::Critic => "critic",
            Self::Publication => "publication",
        }
    }

    /// Returns the statement that reads the names of this kind under a condition.
    fn select(self, condition: &str) -> String {
        let table = self.table();
        let (name, others) = match self {
            Self::Film => ("title", "film.alternative_titles"),
            Self::Critic | Self::Publication => ("name", "'{}'::text[]"),
        };
        // The subquery makes it read each tally by its key: the plan doesn't depend on the number of rows.
        format!(
            "SELECT {table}.id, {table}.{name} AS name, {others} AS others, coalesce(tally.review_count, 0) AS review_count, {} AS kind
            FROM {table} LEFT JOIN LATERAL (
                SELECT review_count FROM {table}_tally WHERE {table}_id = {table}.id OFFSET 0
            ) AS tally ON true
            WHERE {table}.id {condition}",
            self as u8
        )
    }
}

impl TableIndex for NameIndex {
    type Row = NamedRow;

    /// The reviews are those whose number decides between equal names.
    const KINDS: &'static [TagKind] = &[
        TagKind::Film,
        TagKind::Critic,
        TagKind::Publication,
        TagKind::FilmReviews,
        TagKind::CriticReviews,
        TagKind::PublicationReviews,
    ];

    const IS_SMALL: bool = true;

    const MAX_CHANGES: usize = MAX_CHANGES;

    fn is_enabled(_: &Snapshots) -> bool {
        true
    }

    fn row_count(&self) -> usize {
        self.len()
    }

    async fn read_all(session: &Session) -> Result<Self, DbErr> {
        let mut names = Vec::new();
        for kind in NameKind::ALL {
            let select = kind.select("> $1");
            let table = kind.table();
            let sql = format!("{select} ORDER BY {table}.id LIMIT {READ_AT_ONCE}");
            let mut last = 0;
            loop {
                let rows = read(session, &sql, last.into()).await?;
                let is_full = rows.len() == READ_AT_ONCE;
                last = rows.last().map_or(last, |row| row.id);
                names.extend(rows);
                if !is_full {
                    break;
                }
            }
        }
        let index = spawn_blocking(move || Self::of(names)).await;
        index.map_err(|error| DbErr::Custom(format!("the names could not be indexed: {error}")))
    }

    /// A row of each kind may have an id. All of them are read, since the ids don't say of which kind they are.
    async fn read_rows(ids: Vec<i64>, session: &Session) -> Result<Vec<NamedRow>, DbErr> {
        let selects = NameKind::ALL.map(|kind| kind.select("= ANY ($1)"));
        read(session, &selects.join(" UNION ALL "), ids.into()).await
    }

    fn replace(&mut self, changes: &ChangedRows, rows: Vec<NamedRow>) {
        let remaining: HashSet<_> = rows.iter().map(|row| (row.kind, row.id)).collect();
        for id in &changes.ids {
            for kind in NameKind::ALL {
                if !remaining.contains(&(kind, *id)) {
                    self.remove(kind, *id);
                }
            }
        }
        for row in rows {
            self.insert(row);
        }
    }
}

async fn read(
    session: &Session,
    sql: &str,
    parameter: sea_orm::Value,
) -> Result<Vec<NamedRow>, DbErr> {
    let statement = sql::statement(sql, [parameter]);
    let rows = session.query_all_raw(statement).await?;
    rows.iter().map(named_row).collect()
}

fn named_row(row: &QueryResult) -> Result<NamedRow, DbErr> {
    let kind: i32 = row.try_get("", "kind")?;
    let kind = usize::try_from(kind).ok();
    let kind = kind.and_then(|kind| NameKind::ALL.get(kind).copied());
    let review_count: i32 = row.try_get("", "review_count")?;
    let others: Vec<String> = row.try_get("", "others")?;
    Ok(NamedRow {
        kind: kind.ok_or_else(|| DbErr::Type("an unknown kind of name".to_owned()))?,
        id: row.try_get("", "id")?,
        name: row.try_get("", "name")?,
        others: others
            .iter()
            .map(|title| AlternativeTitle::parse(title).title)
            .collect(),
        review_count: review_count.unsigned_abs(),
    })
}
