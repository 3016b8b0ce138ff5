//! Statements of a history that insert reviews.

use proptest::prelude::*;
use sea_orm::sqlx::{self, PgConnection};

use super::{
    rating::{Rating, rating},
    sql::{COLUMNS, date, owner},
};

#[derive(Clone, Debug)]
pub enum Insertion {
    One {
        film: u8,
        critic: Option<u8>,
        publication: Option<u8>,
        rating: Rating,
        day: Option<u8>,
    },
    /// Inserts a hundred reviews over all films.
    Many {
        rating: Rating,
    },
    Copy {
        film: u8,
        score: u8,
    },
    Upsert {
        id: u8,
        film: u8,
        rating: Rating,
    },
    Merge {
        film: u8,
        score: u8,
    },
    /// Changes a weight and adds a review for that publication in one statement.
    WithChangedWeight {
        publication: u8,
        weight: u8,
        film: u8,
        score: u8,
    },
    /// Adds a film, a critic, a publication and a review of them in one statement.
    WithNewOwners {
        film: u8,
        score: u8,
    },
}

pub fn insertion() -> impl Strategy<Value = Insertion> {
    let few = || 0..6_u8;
    let maybe = || prop::option::of(0..4_u8);
    let day = || prop::option::of(0..28_u8);
    prop_oneof![
        8 => (few(), maybe(), maybe(), rating(), day()).prop_map(|(film, critic, publication, rating, day)| {
            Insertion::One { film, critic, publication, rating, day }
        }),
        1 => rating().prop_map(|rating| Insertion::Many { rating }),
        1 => (few(), 0..=100_u8).prop_map(|(film, score)| Insertion::Copy { film, score }),
        2 => (few(), few(), rating()).prop_map(|(id, film, rating)| Insertion::Upsert { id, film, rating }),
        1 => (few(), 0..=100_u8).prop_map(|(film, score)| Insertion::Merge { film, score }),
        1 => (0..4_u8, 1..=200_u8, few(), 0..=100_u8).prop_map(|(publication, weight, film, score)| {
            Insertion::WithChangedWeight { publication, weight, film, score }
        }),
        1 => (few(), 0..=100_u8).prop_map(|(film, score)| Insertion::WithNewOwners { film, score }),
    ]
}

impl Insertion {
    pub async fn apply(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        if let Self::Copy { film, score } = *self {
            return copy(film, score, connection).await;
        }
        super::history::execute(self.sql(), connection).await
    }

    fn sql(&self) -> String {
        match *self {
            Self::One { film, critic, publication, rating, day } => format!(
                "INSERT INTO review ({COLUMNS}) SELECT id, {}, {}, {}, {}, 'test', gen_random_uuid()::text FROM film WHERE slug LIKE 'x{film}-%'",
                owner("critic", critic), owner("publication", publication), rating.values().join(", "), date(day)
            ),
            Self::Many { rating } => format!(
                "INSERT INTO review ({COLUMNS}) SELECT film.id, critic.id, publication.id, {}, date '2020-03-01' + film.id::int % 50, 'test', gen_random_uuid()::text
                 FROM film, critic, publication, generate_series(1, 3)", rating.values().join(", ")
            ),
            Self::Copy { .. } => unreachable!("not a single statement"),
            Self::Upsert { id, film, rating } => format!(
                "INSERT INTO review ({COLUMNS}) SELECT id, NULL, NULL, {}, NULL, 'fixed', '{id}' FROM film WHERE slug LIKE 'x{film}-%'
                 ON CONFLICT (source, external_id) WHERE source IS NOT NULL DO UPDATE SET film_id = excluded.film_id, {}",
                rating.values().join(", "), rating.assignments()
            ),
            Self::Merge { film, score } => format!(
                "MERGE INTO review USING (SELECT id FROM film WHERE slug LIKE 'x{film}-%') AS f ON review.film_id = f.id
                 WHEN MATCHED AND review.score > 50 THEN DELETE
                 WHEN MATCHED THEN UPDATE SET score = {score}, score_rule = 'given'
                 WHEN NOT MATCHED THEN INSERT (film_id, recommended) VALUES (f.id, true)"
            ),
            Self::WithChangedWeight { publication, weight, film, score } => format!(
                "WITH changed AS (UPDATE publication SET weight = {weight} WHERE slug LIKE 'x{publication}-%' RETURNING id)
                 INSERT INTO review (film_id, publication_id, score, score_rule)
                 SELECT film.id, changed.id, {score}, 'given' FROM film, changed WHERE film.slug LIKE 'x{film}-%'"
            ),
            Self::WithNewOwners { film, score } => format!(
                "WITH f AS (INSERT INTO film (slug, title) VALUES ('x{film}-' || left(md5(random()::text), 12), 'X') RETURNING id),
                      c AS (INSERT INTO critic (slug, name) VALUES ('x1-' || left(md5(random()::text), 12), 'X') RETURNING id),
                      p AS (INSERT INTO publication (slug, name, weight) VALUES ('x1-' || left(md5(random()::text), 12), 'X', 77) RETURNING id)
                 INSERT INTO review (film_id, critic_id, publication_id, score, score_rule)
                 SELECT f.id, c.id, p.id, {score}, 'given' FROM f, c, p LIMIT 1"
            ),
        }
    }
}

/// Copies rows as `\copy` of `psql` does.
async fn copy(film: u8, score: u8, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let id: Option<i64> = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
        "SELECT {}",
        owner("film", Some(film))
    )))
    .fetch_one(&mut *connection)
    .await?;
    let Some(id) = id else { return Ok(()) };
    let mut rows = connection
        .copy_in_raw("COPY review (film_id, score, score_rule) FROM STDIN")
        .await?;
    rows.send(format!("{id}\t{score}\tgiven\n").repeat(5).as_bytes())
        .await?;
    rows.finish().await.map(drop)
}
