//! Random filters of films, and what they mean in SQL.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use serde_json::{Value, json};

use crate::{lists::sorted_by_sql, support::test_rng::TestRng};

/// A field of a filter: its name, and values with the SQL conditions that they stand for.
type Field = (&'static str, &'static [(&'static str, &'static str)]);

const FIELDS: [Field; 13] = [
    (
        "year",
        &[
            ("{from: 1995}", "year >= 1995"),
            ("{to: 1992}", "year <= 1992"),
            ("{from: 1993, to: 1999}", "year BETWEEN 1993 AND 1999"),
        ],
    ),
    (
        "releaseDate",
        &[
            ("{from: \"2000-01-04\"}", "release_date >= '2000-01-04'"),
            ("{to: \"2000-01-03\"}", "release_date <= '2000-01-03'"),
            (
                "{from: \"2000-01-03\", to: \"2000-01-05\"}",
                "release_date BETWEEN '2000-01-03' AND '2000-01-05'",
            ),
            ("{from: \"2000-01-05\", to: \"2000-01-03\"}", "false"),
            ("{}", "true"),
        ],
    ),
    (
        "genre",
        &[
            ("\"Drama\"", "'Drama' = ANY (genres)"),
            ("\"drama\"", "false"),
        ],
    ),
    (
        "allGenres",
        &[
            (
                "[\"Drama\", \" Comedy\"]",
                "'Drama' = ANY (genres) AND 'Comedy' = ANY (genres)",
            ),
            ("[\"Horror\"]", "'Horror' = ANY (genres)"),
            ("[\"Horror\", \"Western\"]", "false"),
            ("[]", "true"),
        ],
    ),
    (
        "anyGenre",
        &[
            (
                "[\"Comedy\", \"Horror\"]",
                "('Comedy' = ANY (genres) OR 'Horror' = ANY (genres))",
            ),
            ("[\"Western\", \"Drama\"]", "'Drama' = ANY (genres)"),
            ("[]", "false"),
        ],
    ),
    (
        "director",
        &[
            (
                "\" AGNES Várda \"",
                "directors && '{Agnès Varda,agnes varda}'",
            ),
            ("\"fritz lang\"", "'Fritz Lang' = ANY (directors)"),
            ("\"Varda\"", "false"),
        ],
    ),
    (
        "title",
        &[("\"e\"", "title ~* '[eé]'"), ("\"2\"", "title LIKE '%2%'")],
    ),
    (
        "score",
        &[("{from: 45}", "score >= 45"), ("{to: 60}", "score <= 60")],
    ),
    (
        "verdict",
        &[
            (
                "[UNIVERSAL_ACCLAIM, OVERWHELMING_DISLIKE]",
                "(score > 80 OR score < 20)",
            ),
            ("[MIXED_OR_AVERAGE]", "score BETWEEN 40 AND 60"),
            (
                "[GENERALLY_FAVORABLE, MIXED_OR_AVERAGE, GENERALLY_UNFAVORABLE]",
                "score BETWEEN 20 AND 80",
            ),
            ("[]", "false"),
        ],
    ),
    (
        "minimumReviews",
        &[("3", "review_count >= 3"), ("8", "review_count >= 8")],
    ),
    (
        "hasUnscored",
        &[
            (
                "true",
                "EXISTS (SELECT FROM review WHERE film_id = film.id AND review.score IS NULL)",
            ),
            (
                "false",
                "NOT EXISTS (SELECT FROM review WHERE film_id = film.id AND review.score IS NULL)",
            ),
        ],
    ),
    (
        "reviewedBy",
        &[
            (
                "{slug: \"critic-2\"}",
                "EXISTS (SELECT FROM review WHERE film_id = film.id AND critic_id = 2)",
            ),
            ("{name: \"nobody\"}", "false"),
        ],
    ),
    (
        "reviewedIn",
        &[(
            "{name: \"Publication 3\"}",
            "EXISTS (SELECT FROM review WHERE film_id = film.id AND publication_id = 3)",
        )],
    ),
];

/// The fields that facets leave out, each with the property that it restricts.
const FACETED: [(&str, &str); 5] = [
    ("year", "years"),
    ("genre", "genres"),
    ("allGenres", "genres"),
    ("anyGenre", "genres"),
    ("verdict", "verdicts"),
];

/// The fields of a filter, each with its value and its condition.
#[derive(Clone, Debug)]
pub struct Filter(pub Vec<(&'static str, &'static str, &'static str)>);

impl Filter {
    pub fn random(rng: &mut TestRng) -> Self {
        let mut fields = Vec::new();
        for (name, values) in FIELDS {
            if rng.one_in(5) {
                let (value, condition) = values[rng.below(values.len())];
                fields.push((name, value, condition));
            }
        }
        Self(fields)
    }

    /// Returns the filter without the fields that restrict a property.
    pub fn without(&self, property: &str) -> Self {
        let is_kept = |name: &str| !FACETED.contains(&(name, property));
        let kept = self.0.iter().copied().filter(|field| is_kept(field.0));
        Self(kept.collect())
    }

    pub fn text(&self) -> String {
        let fields = self
            .0
            .iter()
            .map(|(name, value, _)| format!("{name}: {value}"));
        fields.collect::<Vec<_>>().join(", ")
    }

    fn condition(&self) -> String {
        let conditions = self.0.iter().map(|field| field.2);
        let all = std::iter::once("true").chain(conditions);
        all.collect::<Vec<_>>().join(" AND ")
    }

    /// Returns the slugs of the films by SQL.
    pub async fn slugs(&self, connection: &DatabaseConnection) -> Vec<String> {
        let sql = format!(
            "SELECT slug FROM film JOIN film_tally ON film_id = film.id WHERE {} ORDER BY slug",
            self.condition()
        );
        sorted_by_sql(&sql, connection).await
    }

    /// Returns the counts of the values of a property by SQL, as a facet has them.
    async fn facet(
        &self,
        property: &str,
        value: &str,
        order: &str,
        connection: &DatabaseConnection,
    ) -> Value {
        let sql = format!(
            "SELECT coalesce(json_agg(json_build_object('value', value, 'count', films) ORDER BY {order}), '[]')::text
            FROM (
                SELECT value, count(DISTINCT film.id) AS films
                FROM film JOIN film_tally ON film_id = film.id, LATERAL (SELECT {value} AS value OFFSET 0) AS own
                WHERE ({}) AND value IS NOT NULL GROUP BY value
            ) AS counted",
            self.without(property).condition()
        );
        let row = connection
            .query_one_raw(Statement::from_string(DbBackend::Postgres, sql))
            .await
            .unwrap()
            .unwrap();
        let text: String = row.try_get_by_index(0).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// Returns all facets by SQL.
    pub async fn facets(&self, connection: &DatabaseConnection) -> Value {
        let decade = "(year / 10 * 10)";
        json!({
            "years": self.facet("years", "year", "value DESC", connection).await,
            "decades": self.facet("years", decade, "value DESC", connection).await,
            "genres": self.facet("genres", "unnest(genres)", "films DESC, value COLLATE \"C\"", connection).await,
            "verdicts": self.facet("verdicts", VERDICT, "array_position(ARRAY['UNIVERSAL_ACCLAIM', 'GENERALLY_FAVORABLE', 'MIXED_OR_AVERAGE', 'GENERALLY_UNFAVORABLE', 'OVERWHELMING_DISLIKE'], value)", connection).await,
        })
    }
}

const VERDICT: &str =
    "CASE WHEN score > 80 THEN 'UNIVERSAL_ACCLAIM' WHEN score > 60 THEN 'GENERALLY_FAVORABLE'
    WHEN score >= 40 THEN 'MIXED_OR_AVERAGE' WHEN score >= 20 THEN 'GENERALLY_UNFAVORABLE'
    WHEN score >= 0 THEN 'OVERWHELMING_DISLIKE' END";

pub const FACETS: &str =
    "years { value count } decades { value count } genres { value count } verdicts { value count }";
