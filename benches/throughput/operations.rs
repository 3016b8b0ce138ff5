//! The operations that are asked for, and the same as one statement of SQL.

use serde_json::{Value, json};

/// What is asked for by slug.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    Film,
    Critic,
    /// Nothing: every request is the same.
    Nobody,
}

/// An operation.
pub struct Operation {
    pub name: &'static str,
    pub of: Subject,
    pub document: &'static str,
    /// Gives the answer's data as JSON for the slug in `$1`, but for what is computed from tallies.
    pub sql: &'static str,
}

impl Operation {
    /// A request for each slug.
    pub fn requests(&self, slugs: &[String]) -> Vec<String> {
        slugs.iter().map(|slug| self.request(slug)).collect()
    }

    /// The request for a slug.
    pub fn request(&self, slug: &str) -> String {
        let variables = match self.of {
            Subject::Nobody => json!({}),
            Subject::Film | Subject::Critic => json!({ "slug": slug }),
        };
        json!({ "query": self.document, "variables": variables }).to_string()
    }
}

/// Takes what the statements don't give out of an answer's data.
pub fn without_tallies(data: &mut Value) {
    match data {
        Value::Object(fields) => {
            // The score of a review is a number, the score of what is reviewed an object.
            let is_of_tally = |name: &str, value: &Value| {
                name == "scoreDistribution" || name == "score" && value.is_object()
            };
            fields.retain(|name, value| !is_of_tally(name, value));
            fields.values_mut().for_each(without_tallies);
        }
        Value::Array(items) => items.iter_mut().for_each(without_tallies),
        _ => {}
    }
}

pub const OPERATIONS: &[Operation] = &[
    Operation {
        name: "film page",
        of: Subject::Film,
        document: "query FilmPage($slug: String!) {
            film(by: { slug: $slug }) {
                title
                releaseDate
                score { value label }
                scoreDistribution { positive { count } mixed { count } negative { count } }
                reviews(first: 10, orderBy: { field: SCORE }) {
                    nodes { score excerpt reviewedOn critic { name } publication { name } }
                }
            }
        }",
        sql: "SELECT json_build_object('film', json_build_object(
                'title', title, 'releaseDate', release_date, 'reviews', json_build_object('nodes', (
                    SELECT coalesce(json_agg(json_build_object(
                        'score', score, 'excerpt', excerpt, 'reviewedOn', reviewed_on,
                        'critic', (SELECT json_build_object('name', name) FROM critic WHERE critic.id = critic_id),
                        'publication', (SELECT json_build_object('name', name) FROM publication WHERE publication.id = publication_id)
                    )), '[]')
                    FROM (
                        SELECT * FROM review WHERE film_id = film.id ORDER BY score DESC NULLS LAST, id LIMIT 10
                    ) AS review
                ))
            )) FROM film WHERE slug = $1",
    },
    Operation {
        name: "browse",
        of: Subject::Nobody,
        document: "query Browse {
            films(first: 20, orderBy: { field: RELEASE_DATE }) {
                nodes {
                    slug
                    title
                    score { value reviewCount }
                    scoreDistribution { positive { count } mixed { count } negative { count } }
                    reviews(first: 3, orderBy: { field: ADDED }) { nodes { score critic { name } } }
                }
            }
        }",
        sql: "SELECT json_build_object('films', json_build_object('nodes', (
                SELECT json_agg(json_build_object('slug', slug, 'title', title, 'reviews', json_build_object('nodes', (
                    SELECT coalesce(json_agg(json_build_object(
                        'score', score,
                        'critic', (SELECT json_build_object('name', name) FROM critic WHERE critic.id = critic_id)
                    )), '[]')
                    FROM (SELECT * FROM review WHERE film_id = film.id ORDER BY id DESC LIMIT 3) AS review
                ))))
                FROM (SELECT * FROM film ORDER BY release_date DESC NULLS LAST, id LIMIT 20) AS film
            ))) WHERE $1::text IS NOT NULL",
    },
    Operation {
        name: "critic page",
        of: Subject::Critic,
        document: "query CriticPage($slug: String!) {
            critic(by: { slug: $slug }) {
                name
                score { mean reviewCount }
                scoreDistribution { positive { count } mixed { count } negative { count } }
                reviews(first: 20, orderBy: { field: DATE }) {
                    nodes { score reviewedOn film { title score { value } } }
                }
            }
        }",
        sql: "SELECT json_build_object('critic', json_build_object(
                'name', name, 'reviews', json_build_object('nodes', (
                    SELECT coalesce(json_agg(json_build_object(
                        'score', score, 'reviewedOn', reviewed_on,
                        'film', (SELECT json_build_object('title', title) FROM film WHERE film.id = film_id)
                    )), '[]')
                    FROM (
                        SELECT * FROM review WHERE critic_id = critic.id ORDER BY reviewed_on DESC NULLS LAST, id LIMIT 20
                    ) AS review
                ))
            )) FROM critic WHERE slug = $1",
    },
];
