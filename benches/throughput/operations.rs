//! The measured operations, each with an equivalent SQL statement.

use serde_json::{Value, json};

/// The kind of entity that an operation fetches by slug.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    Film,
    Critic,
    Publication,
    /// No entity: every request is the same.
    None,
}

/// A measured operation.
pub struct Operation {
    pub name: &'static str,
    pub subject: Subject,
    pub document: &'static str,
    /// Selects the response's data as JSON for the slug in `$1`, without the fields that are computed from tallies.
    pub sql: &'static str,
}

impl Operation {
    /// Returns a request for each slug.
    pub fn requests(&self, slugs: &[String]) -> Vec<String> {
        slugs.iter().map(|slug| self.request(slug)).collect()
    }

    /// Returns the request for a slug.
    pub fn request(&self, slug: &str) -> String {
        let variables = match self.subject {
            Subject::None => json!({}),
            Subject::Film | Subject::Critic | Subject::Publication => json!({ "slug": slug }),
        };
        json!({ "query": self.document, "variables": variables }).to_string()
    }
}

/// Removes the fields that the statements don't select from a response's data.
pub fn without_tallies(data: &mut Value) {
    match data {
        Value::Object(fields) => {
            // The score of a review is a number. That of a film, critic or publication is an object.
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

/// The pages of a site.
pub const PAGES: &[Operation] = &[
    Operation {
        name: "film page",
        subject: Subject::Film,
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
        subject: Subject::None,
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
        subject: Subject::Critic,
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

/// Operations of other shapes, for which nothing was optimized.
pub const OTHERS: &[Operation] = &[
    Operation {
        name: "five levels deep",
        subject: Subject::Film,
        document: "query Deep($slug: String!) {
            film(by: { slug: $slug }) {
                title
                reviews(first: 5, orderBy: { field: SCORE }) { nodes { score critic { name
                    reviews(first: 3, orderBy: { field: DATE }) { nodes { score film { title } } } } } }
            }
        }",
        sql: "SELECT json_build_object('film', json_build_object('title', title, 'reviews', json_build_object('nodes', (
                SELECT coalesce(json_agg(json_build_object('score', score, 'critic', (
                    SELECT json_build_object('name', name, 'reviews', json_build_object('nodes', (
                        SELECT coalesce(json_agg(json_build_object('score', score, 'film', (
                            SELECT json_build_object('title', title) FROM film WHERE film.id = film_id
                        ))), '[]')
                        FROM (SELECT * FROM review WHERE critic_id = critic.id ORDER BY reviewed_on DESC NULLS LAST, id LIMIT 3) AS review
                    ))) FROM critic WHERE critic.id = critic_id
                ))), '[]')
                FROM (SELECT * FROM review WHERE film_id = film.id ORDER BY score DESC NULLS LAST, id LIMIT 5) AS review
            )))) FROM film WHERE slug = $1",
    },
    Operation {
        name: "three orders of one film",
        subject: Subject::Film,
        document: "query Orders($slug: String!) {
            film(by: { slug: $slug }) {
                best: reviews(first: 3, orderBy: { field: SCORE }) { nodes { score } }
                worst: reviews(first: 3, orderBy: { field: SCORE, direction: ASC }) { nodes { score } }
                latest: reviews(first: 3, orderBy: { field: DATE }) { nodes { score reviewedOn } }
            }
        }",
        sql: "SELECT json_build_object('film', json_build_object(
                'best', json_build_object('nodes', (SELECT coalesce(json_agg(json_build_object('score', score)), '[]') FROM (
                    SELECT * FROM review WHERE film_id = film.id ORDER BY score DESC NULLS LAST, id LIMIT 3) AS review)),
                'worst', json_build_object('nodes', (SELECT coalesce(json_agg(json_build_object('score', score)), '[]') FROM (
                    SELECT * FROM review WHERE film_id = film.id ORDER BY score NULLS LAST, id LIMIT 3) AS review)),
                'latest', json_build_object('nodes', (SELECT coalesce(json_agg(json_build_object('score', score, 'reviewedOn', reviewed_on)), '[]') FROM (
                    SELECT * FROM review WHERE film_id = film.id ORDER BY reviewed_on DESC NULLS LAST, id LIMIT 3) AS review))
            )) FROM film WHERE slug = $1",
    },
    Operation {
        name: "three filters of one film",
        subject: Subject::Film,
        document: "query Filters($slug: String!) {
            film(by: { slug: $slug }) {
                good: reviews(first: 5, filter: { sentiment: [POSITIVE] }) { totalCount nodes { score } }
                bad: reviews(first: 5, filter: { sentiment: [NEGATIVE] }) { totalCount nodes { score } }
                lately: reviews(first: 5, filter: { since: \"2015-01-01\" }) { nodes { reviewedOn } }
            }
        }",
        sql: "SELECT json_build_object('film', json_build_object(
                'good', json_build_object(
                    'totalCount', (SELECT count(*) FROM review WHERE film_id = film.id AND (score >= 61 OR implied_sentiment = 'positive')),
                    'nodes', (SELECT coalesce(json_agg(json_build_object('score', score)), '[]') FROM (
                        SELECT * FROM review WHERE film_id = film.id AND (score >= 61 OR implied_sentiment = 'positive') ORDER BY id LIMIT 5) AS review)),
                'bad', json_build_object(
                    'totalCount', (SELECT count(*) FROM review WHERE film_id = film.id AND (score <= 39 OR implied_sentiment = 'negative')),
                    'nodes', (SELECT coalesce(json_agg(json_build_object('score', score)), '[]') FROM (
                        SELECT * FROM review WHERE film_id = film.id AND (score <= 39 OR implied_sentiment = 'negative') ORDER BY id LIMIT 5) AS review)),
                'lately', json_build_object('nodes', (SELECT coalesce(json_agg(json_build_object('reviewedOn', reviewed_on)), '[]') FROM (
                    SELECT * FROM review WHERE film_id = film.id AND reviewed_on >= '2015-01-01' ORDER BY id LIMIT 5) AS review))
            )) FROM film WHERE slug = $1",
    },
    Operation {
        name: "the hundred best films",
        subject: Subject::None,
        document: "query Best {
            films(first: 100, orderBy: { field: SCORE }) { nodes { slug title year score { value } } }
        }",
        sql: "SELECT json_build_object('films', json_build_object('nodes', (
                SELECT json_agg(json_build_object('slug', slug, 'title', title, 'year', year)) FROM (
                    SELECT film.* FROM film JOIN film_tally ON film_id = film.id ORDER BY score DESC NULLS LAST, film_id LIMIT 100
                ) AS film
            ))) WHERE $1::text IS NOT NULL",
    },
    Operation {
        name: "a hundred films with reviews",
        subject: Subject::None,
        document: "query Hundred {
            films(first: 100) { nodes { title reviews(first: 2, orderBy: { field: SCORE }) {
                nodes { score critic { name } publication { name } } } } }
        }",
        sql: "SELECT json_build_object('films', json_build_object('nodes', (
                SELECT json_agg(json_build_object('title', title, 'reviews', json_build_object('nodes', (
                    SELECT coalesce(json_agg(json_build_object(
                        'score', score,
                        'critic', (SELECT json_build_object('name', name) FROM critic WHERE critic.id = critic_id),
                        'publication', (SELECT json_build_object('name', name) FROM publication WHERE publication.id = publication_id)
                    )), '[]')
                    FROM (SELECT * FROM review WHERE film_id = film.id ORDER BY score DESC NULLS LAST, id LIMIT 2) AS review
                ))))
                FROM (SELECT * FROM film ORDER BY title, id LIMIT 100) AS film
            ))) WHERE $1::text IS NOT NULL",
    },
    Operation {
        name: "the busiest critics",
        subject: Subject::None,
        document: "query Busiest {
            critics(first: 50, orderBy: { field: REVIEW_COUNT }) { nodes { slug name score { mean reviewCount } } }
        }",
        sql: "SELECT json_build_object('critics', json_build_object('nodes', (
                SELECT json_agg(json_build_object('slug', slug, 'name', name)) FROM (
                    SELECT critic.* FROM critic JOIN critic_tally ON critic_id = critic.id ORDER BY review_count DESC, critic_id LIMIT 50
                ) AS critic
            ))) WHERE $1::text IS NOT NULL",
    },
    Operation {
        name: "publication page",
        subject: Subject::Publication,
        document: "query PublicationPage($slug: String!) {
            publication(by: { slug: $slug }) {
                name
                score { value }
                reviews(first: 20, orderBy: { field: DATE }) { nodes { score reviewedOn critic { name } film { title year } } }
            }
        }",
        sql: "SELECT json_build_object('publication', json_build_object('name', name, 'reviews', json_build_object('nodes', (
                SELECT coalesce(json_agg(json_build_object(
                    'score', score, 'reviewedOn', reviewed_on,
                    'critic', (SELECT json_build_object('name', name) FROM critic WHERE critic.id = critic_id),
                    'film', (SELECT json_build_object('title', title, 'year', year) FROM film WHERE film.id = film_id)
                )), '[]')
                FROM (
                    SELECT * FROM review WHERE publication_id = publication.id ORDER BY reviewed_on DESC NULLS LAST, id LIMIT 20
                ) AS review
            )))) FROM publication WHERE slug = $1",
    },
    Operation {
        name: "reviews as they came",
        subject: Subject::None,
        document: "query Latest {
            reviews(first: 50, orderBy: { field: ADDED }) { nodes { score excerpt film { title } critic { name } } }
        }",
        sql: "SELECT json_build_object('reviews', json_build_object('nodes', (
                SELECT json_agg(json_build_object(
                    'score', score, 'excerpt', excerpt,
                    'film', (SELECT json_build_object('title', title) FROM film WHERE film.id = film_id),
                    'critic', (SELECT json_build_object('name', name) FROM critic WHERE critic.id = critic_id)
                )) FROM (SELECT * FROM review ORDER BY id DESC LIMIT 50) AS review
            ))) WHERE $1::text IS NOT NULL",
    },
    Operation {
        name: "films of a year and a score",
        subject: Subject::None,
        document: "query Year {
            films(first: 20, filter: { year: { from: 1994, to: 1996 }, score: { from: 70 } }, orderBy: { field: RELEASE_DATE }) {
                nodes { title releaseDate directors }
            }
        }",
        sql: "SELECT json_build_object('films', json_build_object('nodes', (
                SELECT json_agg(json_build_object('title', title, 'releaseDate', release_date, 'directors', directors)) FROM (
                    SELECT film.* FROM film JOIN film_tally ON film_id = film.id
                    WHERE year BETWEEN 1994 AND 1996 AND score >= 70 ORDER BY release_date DESC NULLS LAST, id LIMIT 20
                ) AS film
            ))) WHERE $1::text IS NOT NULL",
    },
    Operation {
        name: "a film and nothing else",
        subject: Subject::Film,
        document: "query Title($slug: String!) { film(by: { slug: $slug }) { title synopsis genres } }",
        sql: "SELECT json_build_object('film', json_build_object('title', title, 'synopsis', synopsis, 'genres', genres)) FROM film WHERE slug = $1",
    },
];
