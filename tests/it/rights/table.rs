//! The table: every field of the API that requires a role, and the callers who may use it.

/// The caller. For critics, it also states whose review is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Anonymous,
    OwnCritic,
    OthersCritic,
    Editor,
    Admin,
}

impl Who {
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
    pub used: &'static str,
    /// A minimal valid document. Placeholders in `<…>` stand for the fixtures of the cell.
    pub document: &'static str,
    /// SQL for the effect of a mutation: false before, true after. `None` for a query.
    pub effect: Option<&'static str>,
    /// The permission of each of [`Who::ALL`].
    pub may: [bool; 5],
}

impl Row {
    /// Returns the name in the table of `docs/access.md`.
    pub fn title(&self) -> String {
        format!("`{}`{}", self.field, self.used)
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
        used: "",
        document: r#"mutation { addReview(input: {
            film: <film>, critic: {id: <critic>}, publication: {id: <spare publication>}, score: 70, excerpt: "added <n>"
        }) { userErrors { code message } } }"#,
        effect: Some(
            "EXISTS (SELECT FROM review WHERE excerpt = 'added <n>' AND critic_id = <review key>)",
        ),
        may: CRITICS,
    },
    Row {
        field: "addReview",
        used: " with `topCritic`",
        document: r#"mutation { addReview(input: {
            film: <film>, critic: {id: <critic>}, publication: {id: <spare publication>}, score: 70, excerpt: "added <n>", topCritic: true
        }) { userErrors { code message } } }"#,
        effect: Some("EXISTS (SELECT FROM review WHERE excerpt = 'added <n>' AND top_critic)"),
        may: EDITORS,
    },
    Row {
        field: "updateReview",
        used: "",
        document: "mutation { updateReview(input: {id: <review>, score: 55}) { userErrors { code message } } }",
        effect: Some(
            "EXISTS (SELECT FROM review WHERE id = <review key> AND score = 55 AND version = 2)",
        ),
        may: CRITICS,
    },
    Row {
        field: "updateReview",
        used: " with `topCritic`",
        document: "mutation { updateReview(input: {id: <review>, topCritic: true}) { userErrors { code message } } }",
        effect: Some("EXISTS (SELECT FROM review WHERE id = <review key> AND top_critic)"),
        may: EDITORS,
    },
    Row {
        field: "updateReview",
        used: " with another's `critic`",
        document: "mutation { updateReview(input: {id: <review>, critic: {id: <spare critic>}}) { userErrors { code message } } }",
        effect: Some(
            "EXISTS (SELECT FROM review WHERE id = <review key> AND critic_id = <spare key>)",
        ),
        may: EDITORS,
    },
    Row {
        field: "updateReview",
        used: " with `critic: null`",
        document: "mutation { updateReview(input: {id: <review>, critic: null}) { userErrors { code message } } }",
        effect: Some("EXISTS (SELECT FROM review WHERE id = <review key> AND critic_id IS NULL)"),
        may: EDITORS,
    },
    Row {
        field: "deleteReview",
        used: "",
        document: "mutation { deleteReview(input: {id: <review>}) { userErrors { code message } } }",
        effect: Some("NOT EXISTS (SELECT FROM review WHERE id = <review key>)"),
        may: CRITICS,
    },
    Row {
        field: "addFilm",
        used: "",
        document: r#"mutation { addFilm(input: {title: "Added <n>"}) { userErrors { code message } } }"#,
        effect: Some("EXISTS (SELECT FROM film WHERE title = 'Added <n>')"),
        may: EDITORS,
    },
    Row {
        field: "updateFilm",
        used: "",
        document: "mutation { updateFilm(input: {id: <film>, year: 1999}) { userErrors { code message } } }",
        effect: Some("EXISTS (SELECT FROM film WHERE id = <key> AND year = 1999 AND version = 2)"),
        may: EDITORS,
    },
    Row {
        field: "deleteFilm",
        used: "",
        document: "mutation { deleteFilm(input: {id: <film>, withReviews: true}) { userErrors { code message } } }",
        effect: Some("NOT EXISTS (SELECT FROM film WHERE id = <key>)"),
        may: EDITORS,
    },
    Row {
        field: "addCritic",
        used: "",
        document: r#"mutation { addCritic(input: {name: "Added <n>"}) { userErrors { code message } } }"#,
        effect: Some("EXISTS (SELECT FROM critic WHERE name = 'Added <n>')"),
        may: EDITORS,
    },
    Row {
        field: "updateCritic",
        used: "",
        document: r#"mutation { updateCritic(input: {id: <critic>, name: "Changed <n>"}) { userErrors { code message } } }"#,
        effect: Some(
            "EXISTS (SELECT FROM critic WHERE id = <review key> AND name = 'Changed <n>')",
        ),
        may: EDITORS,
    },
    Row {
        field: "deleteCritic",
        used: "",
        document: "mutation { deleteCritic(input: {id: <spare critic>}) { userErrors { code message } } }",
        effect: Some("NOT EXISTS (SELECT FROM critic WHERE id = <spare key>)"),
        may: EDITORS,
    },
    Row {
        field: "mergeCritics",
        used: "",
        document: "mutation { mergeCritics(input: {from: <spare critic>, into: <critic>}) { userErrors { code message } } }",
        effect: Some("NOT EXISTS (SELECT FROM critic WHERE id = <spare key>)"),
        may: EDITORS,
    },
    Row {
        field: "addPublication",
        used: "",
        document: r#"mutation { addPublication(input: {name: "Added <n>"}) { userErrors { code message } } }"#,
        effect: Some("EXISTS (SELECT FROM publication WHERE name = 'Added <n>')"),
        may: EDITORS,
    },
    Row {
        field: "updatePublication",
        used: "",
        document: "mutation { updatePublication(input: {id: <publication>, weight: 2}) { userErrors { code message } } }",
        effect: Some("EXISTS (SELECT FROM publication WHERE id = <key> AND weight = 200)"),
        may: EDITORS,
    },
    Row {
        field: "deletePublication",
        used: "",
        document: "mutation { deletePublication(input: {id: <spare publication>}) { userErrors { code message } } }",
        effect: Some("NOT EXISTS (SELECT FROM publication WHERE slug = 'paper-' || <key> + 1)"),
        may: EDITORS,
    },
    Row {
        field: "mergePublications",
        used: "",
        document: "mutation { mergePublications(input: {from: <spare publication>, into: <publication>}) { userErrors { code message } } }",
        effect: Some("NOT EXISTS (SELECT FROM publication WHERE slug = 'paper-' || <key> + 1)"),
        may: EDITORS,
    },
    Row {
        field: "importPage",
        used: "",
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
        field: "createToken",
        used: "",
        document: r#"mutation { createToken(input: {name: "made <n>", role: EDITOR}) { userErrors { code message } } }"#,
        effect: Some("EXISTS (SELECT FROM api_token WHERE name = 'made <n>' AND role = 'editor')"),
        may: ADMINS,
    },
    Row {
        field: "revokeToken",
        used: "",
        document: "mutation { revokeToken(input: {id: <token>}) { userErrors { code message } } }",
        effect: Some("EXISTS (SELECT FROM api_token WHERE id = <key> AND revoked_at IS NOT NULL)"),
        may: ADMINS,
    },
    Row {
        field: "tokens",
        used: "",
        document: "{ tokens(first: 1) { totalCount nodes { name } } }",
        effect: None,
        may: ADMINS,
    },
];
