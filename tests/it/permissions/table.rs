//! The table: every field of the API that requires a role, and the callers who may use it.

/// The caller. For critics, it also states whose review is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    Anonymous,
    OwnCritic,
    OthersCritic,
    Editor,
    Admin,
}

impl Caller {
    pub const ALL: [Self; 5] = [
        Self::Anonymous,
        Self::OwnCritic,
        Self::OthersCritic,
        Self::Editor,
        Self::Admin,
    ];
}

/// A field, or a use of it with its own rights.
pub struct Row {
    pub field: &'static str,
    /// The use, as `docs/access.md` shows it after the field's name.
    pub usage: &'static str,
    /// A minimal valid document. Placeholders in `<…>` stand for the fixtures of the cell.
    pub document: &'static str,
    /// SQL for the effect of a mutation: false before, true after. `None` for a query.
    pub effect: Option<&'static str>,
    /// The permission of each of [`Caller::ALL`].
    pub may: [bool; 5],
}

impl Row {
    /// Returns the name in the table of `docs/access.md`.
    pub fn title(&self) -> String {
        format!("`{}`{}", self.field, self.usage)
    }
}

/// Writing one's own reviews.
const CRITICS: [bool; 5] = [false, true, false, true, true];
/// Editing the catalogue.
const EDITORS: [bool; 5] = [false, false, false, true, true];
/// Managing tokens.
const ADMINS: [bool; 5] = [false, false, false, false, true];

pub const TABLE: &[Row] = &[
    Row {
        field: "addReview",
        usage: "",
        document: r#"mutation { addReview(input: {
            film: <spare film>, critic: {id: <critic>}, publication: {id: <spare publication>}, score: 70, excerpt: "added <n>"
        }) { userErrors { code message } } }"#,
        effect: Some(
            "EXISTS (SELECT FROM review WHERE excerpt = 'added <n>' AND critic_id = <review key>)",
        ),
        may: CRITICS,
    },
    Row {
        field: "addReview",
        usage: " with `topCritic`",
        document: r#"mutation { addReview(input: {
            film: <spare film>, critic: {id: <critic>}, publication: {id: <spare publication>}, score: 70, excerpt: "added <n>", topCritic: true
        }) { userErrors { code message } } }"#,
        effect: Some("EXISTS (SELECT FROM review WHERE excerpt = 'added <n>' AND top_critic)"),
        may: EDITORS,
    },
    Row {
        field: "updateReview",
        usage: "",
        document: "mutation { updateReview(input: {id: <review>, score: 55}) { userErrors { code message } } }",
        effect: Some(
            "EXISTS (SELECT FROM review WHERE id = <review key> AND score = 55 AND version = 2)",
        ),
        may: CRITICS,
    },
    Row {
        field: "updateReview",
        usage: " with `topCritic`",
        document: "mutation { updateReview(input: {id: <review>, topCritic: true}) { userErrors { code message } } }",
        effect: Some("EXISTS (SELECT FROM review WHERE id = <review key> AND top_critic)"),
        may: EDITORS,
    },
    Row {
        field: "updateReview",
        usage: " with another's `critic`",
        document: "mutation { updateReview(input: {id: <review>, critic: {id: <spare critic>}}) { userErrors { code message } } }",
        effect: Some(
            "EXISTS (SELECT FROM review WHERE id = <review key> AND critic_id = <spare key>)",
        ),
        may: EDITORS,
    },
    Row {
        field: "updateReview",
        usage: " with `critic: null`",
        document: "mutation { updateReview(input: {id: <review>, critic: null}) { userErrors { code message } } }",
        effect: Some("EXISTS (SELECT FROM review WHERE id = <review key> AND critic_id IS NULL)"),
        may: EDITORS,
    },
    Row {
        field: "deleteReview",
        usage: "",
        document: "mutation { deleteReview(input: {id: <review>}) { userErrors { code message } } }",
        effect: Some("NOT EXISTS (SELECT FROM review WHERE id = <review key>)"),
        may: CRITICS,
    },
    Row {
        field: "restoreReview",
        usage: "",
        document: "mutation { restoreReview(input: {id: <deleted review>}) { userErrors { code message } } }",
        effect: Some("EXISTS (SELECT FROM review WHERE id = <deleted key> AND version = 8)"),
        may: CRITICS,
    },
    Row {
        field: "addFilm",
        usage: "",
        document: r#"mutation { addFilm(input: {title: "Added <n>"}) { userErrors { code message } } }"#,
        effect: Some("EXISTS (SELECT FROM film WHERE title = 'Added <n>')"),
        may: EDITORS,
    },
    Row {
        field: "updateFilm",
        usage: "",
        document: "mutation { updateFilm(input: {id: <film>, year: 1999}) { userErrors { code message } } }",
        effect: Some("EXISTS (SELECT FROM film WHERE id = <key> AND year = 1999 AND version = 2)"),
        may: EDITORS,
    },
    Row {
        field: "deleteFilm",
        usage: "",
        document: "mutation { deleteFilm(input: {id: <film>, withReviews: true}) { userErrors { code message } } }",
        effect: Some("NOT EXISTS (SELECT FROM film WHERE id = <key>)"),
        may: EDITORS,
    },
    Row {
        field: "addCritic",
        usage: "",
        document: r#"mutation { addCritic(input: {name: "Added <n>"}) { userErrors { code message } } }"#,
        effect: Some("EXISTS (SELECT FROM critic WHERE name = 'Added <n>')"),
        may: EDITORS,
    },
    Row {
        field: "updateCritic",
        usage: "",
        document: r#"mutation { updateCritic(input: {id: <critic>, name: "Changed <n>"}) { userErrors { code message } } }"#,
        effect: Some(
            "EXISTS (SELECT FROM critic WHERE id = <review key> AND name = 'Changed <n>')",
        ),
        may: EDITORS,
    },
    Row {
        field: "deleteCritic",
        usage: "",
        document: "mutation { deleteCritic(input: {id: <spare critic>}) { userErrors { code message } } }",
        effect: Some("NOT EXISTS (SELECT FROM critic WHERE id = <spare key>)"),
        may: EDITORS,
    },
    Row {
        field: "eraseCritic",
        usage: "",
        document: "mutation { eraseCritic(input: {id: <spare critic>, texts: KEEP}) { userErrors { code message } } }",
        effect: Some("NOT EXISTS (SELECT FROM critic WHERE id = <spare key>)"),
        may: ADMINS,
    },
    Row {
        field: "mergeCritics",
        usage: "",
        document: "mutation { mergeCritics(input: {from: <spare critic>, into: <critic>}) { userErrors { code message } } }",
        effect: Some("NOT EXISTS (SELECT FROM critic WHERE id = <spare key>)"),
        may: EDITORS,
    },
    Row {
        field: "addPublication",
        usage: "",
        document: r#"mutation { addPublication(input: {name: "Added <n>"}) { userErrors { code message } } }"#,
        effect: Some("EXISTS (SELECT FROM publication WHERE name = 'Added <n>')"),
        may: EDITORS,
    },
    Row {
        field: "updatePublication",
        usage: "",
        document: "mutation { updatePublication(input: {id: <publication>, weight: 2}) { userErrors { code message } } }",
        effect: Some("EXISTS (SELECT FROM publication WHERE id = <key> AND weight = 200)"),
        may: EDITORS,
    },
    Row {
        field: "deletePublication",
        usage: "",
        document: "mutation { deletePublication(input: {id: <spare publication>}) { userErrors { code message } } }",
        effect: Some("NOT EXISTS (SELECT FROM publication WHERE slug = 'paper-' || <key> + 1)"),
        may: EDITORS,
    },
    Row {
        field: "mergePublications",
        usage: "",
        document: "mutation { mergePublications(input: {from: <spare publication>, into: <publication>}) { userErrors { code message } } }",
        effect: Some("NOT EXISTS (SELECT FROM publication WHERE slug = 'paper-' || <key> + 1)"),
        may: EDITORS,
    },
    Row {
        field: "importFile",
        usage: "",
        document: r#"mutation { importFile(input: {
            content: {text: "Film,Critic,Rating\nSent <n>,Ann,4/5\n"}
        }) { userErrors { code message } } }"#,
        effect: Some(
            "EXISTS (SELECT FROM film JOIN review ON review.film_id = film.id WHERE title = 'Sent <n>' AND score = 80)",
        ),
        may: EDITORS,
    },
    Row {
        field: "importPage",
        usage: "",
        document: r#"mutation { importPage(input: {
            film: {titled: {title: "Imported <n>"}},
            text: "Generally favorable reviews - based on 1 Critic\n\nCritic score distribution:\n  1. Positive: 1 out of 1\n  2. Mixed: 0 out of 1\n  3. Negative: 0 out of 1\n\nCritic Reviews\n\n  1. 85\n    A lamp, lit."
        }) { lineErrors { line message } userErrors { code message } } }"#,
        effect: Some(
            "EXISTS (SELECT FROM film JOIN review ON review.film_id = film.id WHERE title = 'Imported <n>' AND score = 85)",
        ),
        may: EDITORS,
    },
    Row {
        field: "updateSiteRules",
        usage: "",
        document: "mutation { updateSiteRules(input: {minimumReviews: <n>}) { userErrors { code message } } }",
        effect: Some("(SELECT minimum_reviews = <n> FROM site_rules)"),
        may: ADMINS,
    },
    Row {
        field: "createToken",
        usage: "",
        document: r#"mutation { createToken(input: {name: "made <n>", role: EDITOR}) { userErrors { code message } } }"#,
        effect: Some("EXISTS (SELECT FROM api_token WHERE name = 'made <n>' AND role = 'editor')"),
        may: ADMINS,
    },
    Row {
        field: "revokeToken",
        usage: "",
        document: "mutation { revokeToken(input: {id: <token>}) { userErrors { code message } } }",
        effect: Some("EXISTS (SELECT FROM api_token WHERE id = <key> AND revoked_at IS NOT NULL)"),
        may: ADMINS,
    },
    Row {
        field: "tokens",
        usage: "",
        document: "{ tokens(first: 1) { totalCount nodes { name } } }",
        effect: None,
        may: ADMINS,
    },
    Row {
        field: "erasures",
        usage: "",
        document: "{ erasures(first: 1) { totalCount nodes { criticId } } }",
        effect: None,
        may: ADMINS,
    },
];
