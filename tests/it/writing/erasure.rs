//! Erased critics: where a name is stored, what remains of the reviews, and what retries get.

use marquee::{access::Role, review::store::tally::recount};
use serde_json::{Value, json};

use super::{Fixture, codes, request};

const SELECTION: &str =
    "erasure { criticId reviewCount textsRemoved erasedBy } userErrors { field code message }";

/// A critic whose name has an umlaut, with reviews of every kind: entered by hand, imported with an external id that is
/// derived from the slug, changed, moved to another critic, deleted, and with a byline only.
const REVIEWS: &str = "
INSERT INTO critic (slug, name, url) VALUES ('renee-dubois', 'Renée Dubois', 'https://renee-dubois.example');
INSERT INTO critic_external_id SELECT 'wire', 'renee-dubois', id FROM critic WHERE slug = 'renee-dubois';
INSERT INTO film (slug, title) SELECT 'film-' || n, 'Film ' || n FROM generate_series(1, 6) AS n;
INSERT INTO review (film_id, critic_id, byline, excerpt, url, score, score_rule, source, external_id)
SELECT film.id, critic.id, data.byline, data.excerpt, data.url, 70, 'given', data.source, data.external_id
FROM (VALUES
    (1, 'RENÉE DUBOIS', 'By hand.', 'https://post.example/1', NULL, NULL),
    (2, NULL, 'Imported.', 'https://post.example/critics/Renee-Dubois/2', 'wire', 'film-2/renee-dubois@post'),
    (3, 'By Renée Dubois, in Cannes', 'Changed.', 'https://post.example/3', 'wire', '3'),
    (4, 'Renée Dubois', 'Moved.', NULL, 'wire', '4'),
    (5, 'Renée Dubois', 'Deleted.', NULL, 'wire', '5')
) AS data (film, byline, excerpt, url, source, external_id)
JOIN film ON film.slug = 'film-' || data.film, critic WHERE critic.slug = 'renee-dubois';
INSERT INTO review (film_id, byline, excerpt) SELECT id, 'renée dubois', 'Uncredited.' FROM film WHERE slug = 'film-6';
INSERT INTO api_token (public_id, secret_hash, name, role, critic_id, created_by)
SELECT '0123456789ab', decode(repeat('00', 32), 'hex'), 'renee-dubois', 'critic', id, 'test' FROM critic WHERE slug = 'renee-dubois';
SET marquee.actor = 'renee-dubois (token 0123456789ab)';
UPDATE review SET score = 80, byline = 'Renée Dubois' WHERE excerpt = 'Changed.';
INSERT INTO idempotency_key VALUES ('renee-dubois (token 0123456789ab)', 'a', decode(repeat('00', 32), 'hex'), '{}');
SET marquee.actor = 'desk';
UPDATE review SET critic_id = (SELECT id FROM critic WHERE slug = 'bob'), byline = 'Bob' WHERE excerpt = 'Moved.';
DELETE FROM review WHERE excerpt = 'Deleted.';";

/// Returns `table.column` of each column with a text that contains the folded text, from the catalogue of the database.
async fn columns_with(fixture: &Fixture, text: &str) -> Vec<String> {
    let columns = "SELECT format('SELECT %L FROM %I WHERE position(fold_text(%L) IN fold_text(%I::text)) > 0',
            table_name || '.' || column_name, table_name, 'needle', column_name)
        FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
        WHERE table_schema = 'public' AND table_type = 'BASE TABLE'";
    let each = fixture.database().texts(columns).await;
    assert!(each.len() > 100, "{each:?}");
    let each: Vec<_> = each
        .iter()
        .map(|sql| sql.replace("'needle'", &format!("'{text}'")))
        .collect();
    let sql = format!(
        "SELECT DISTINCT found FROM ({}) AS all_columns (found) ORDER BY 1",
        each.join(" UNION ALL ")
    );
    fixture.database().texts(&sql).await
}

struct Erasable {
    fixture: Fixture,
    admin: String,
    critic: Value,
}

impl Erasable {
    async fn new() -> Self {
        let fixture = Fixture::new().await;
        fixture.database().execute(REVIEWS).await;
        let found = fixture
            .server
            .query(r#"{ critic(by: {slug: "renee-dubois"}) { id } }"#)
            .await;
        Self {
            admin: fixture.database().token(Role::Admin, None).await,
            critic: found["critic"]["id"].clone(),
            fixture,
        }
    }

    async fn erase(&self, more: Value) -> Value {
        let input = super::merged(json!({ "id": self.critic, "texts": "KEEP" }), more);
        self.fixture
            .write_as(&self.admin, "eraseCritic", SELECTION, input)
            .await
    }

    async fn texts(&self, sql: &str) -> Vec<String> {
        self.fixture.database().texts(sql).await
    }
}

#[tokio::test]
async fn a_critic_to_erase_is_given_by_id_slug_or_name() {
    let it = Erasable::new().await;
    let erase = async |input: Value| {
        let input = super::merged(json!({ "texts": "KEEP" }), input);
        it.fixture
            .write_as(&it.admin, "eraseCritic", SELECTION, input)
            .await
    };
    assert_eq!(codes(&erase(json!({})).await), ["id BLANK"]);
    let unknown = json!({ "by": { "slug": "nobody" } });
    assert_eq!(codes(&erase(unknown).await), ["by.slug NOT_FOUND"]);
    let both = json!({ "id": it.critic, "by": { "name": "Bob" } });
    assert_eq!(codes(&erase(both).await), ["by CONTRADICTION"]);
    let payload = erase(json!({ "by": { "name": "renée dubois" } })).await;
    assert_eq!(payload["erasure"]["criticId"], it.critic, "{payload}");
}

const NAMES: [&str; 3] = ["Renée Dubois", "renee-dubois", "renee dubois"];

#[tokio::test]
async fn after_an_erasure_no_column_of_the_database_has_the_name() {
    for texts in ["KEEP", "REMOVE"] {
        let it = Erasable::new().await;
        // The stored result of a refused mutation names the critic, and so does a key that a client has chosen.
        for key in ["taken", "add renee dubois"] {
            let input = json!({ "name": "Renée Dubois", "idempotencyKey": key });
            let errors = it.fixture.user_errors("addCritic", input).await;
            assert_eq!(errors, ["name ALREADY_EXISTS"]);
        }
        let before = columns_with(&it.fixture, NAMES[0]).await;
        assert_eq!(
            before,
            [
                "critic.name",
                "critic.name_folded",
                "idempotency_key.outcome",
                "review.byline",
                "review_revision.byline"
            ]
        );
        let scores = "SELECT concat_ws(' ', film_id, score, weighted_sum, weight, review_count, score_counts::text) FROM film_tally ORDER BY film_id";
        let tallies = it.texts(scores).await;
        let payload = it.erase(json!({ "texts": texts })).await;
        assert_eq!(codes(&payload), [""; 0], "{payload}");
        assert_eq!(payload["erasure"]["reviewCount"], 4);
        for name in NAMES {
            assert_eq!(columns_with(&it.fixture, name).await, [""; 0], "{name}");
        }
        assert_eq!(it.texts(scores).await, tallies);
        let connection = it.fixture.database().connect(1);
        assert_eq!(recount(&connection).await.unwrap(), []);
        connection.close().await.unwrap();
        let kept = "SELECT DISTINCT excerpt FROM review UNION SELECT DISTINCT excerpt FROM review_revision WHERE excerpt IS NOT NULL ORDER BY 1";
        let kept = it
            .texts(&format!(
                "SELECT excerpt FROM ({kept}) AS each WHERE excerpt IS NOT NULL"
            ))
            .await;
        let expected: &[&str] = match texts {
            "KEEP" => &[
                "By hand.",
                "Changed.",
                "Deleted.",
                "Imported.",
                "Moved.",
                "Uncredited.",
            ],
            // This review is Bob's now.
            _ => &["Moved."],
        };
        assert_eq!(kept, expected, "{texts}");
    }
}

#[tokio::test]
async fn the_reviews_of_an_erased_critic_keep_what_does_not_name_them() {
    let it = Erasable::new().await;
    let document = "{ reviews(first: 20) { nodes { byline excerpt url critic { slug } } } }";
    // The cached response must not outlive the erasure.
    it.fixture.server.query(document).await;
    let payload = it.erase(json!({ "byline": " Former critic " })).await;
    assert_eq!(codes(&payload), [""; 0], "{payload}");
    let mut reviews = it.fixture.server.query(document).await["reviews"]["nodes"].clone();
    let reviews = reviews.as_array_mut().unwrap();
    reviews.sort_by_key(|review| review["excerpt"].to_string());
    let former = |excerpt: &str, url: Value| json!({ "byline": "Former critic", "excerpt": excerpt, "url": url, "critic": null });
    assert_eq!(
        *reviews,
        [
            former("By hand.", json!("https://post.example/1")),
            former("Changed.", json!("https://post.example/3")),
            former("Imported.", Value::Null),
            json!({ "byline": "Bob", "excerpt": "Moved.", "url": null, "critic": { "slug": "bob" } }),
            former("Uncredited.", Value::Null),
        ]
    );
    let ids = it
        .texts("SELECT coalesce(external_id, '-') FROM review ORDER BY film_id")
        .await;
    assert!(
        ids[1].starts_with("erased-") && ids[1].len() == 39,
        "{ids:?}"
    );
    assert_eq!([&ids[0], &ids[2], &ids[3]], ["-", "3", "4"]);
    // The actor of a change remains a token, without its name.
    let actors = it
        .texts("SELECT DISTINCT replaced_by FROM review_revision WHERE version = 1 ORDER BY 1")
        .await;
    assert!(
        actors.contains(&"erased (token 0123456789ab)".to_owned()),
        "{actors:?}"
    );
}

#[tokio::test]
async fn an_erased_name_is_not_restored() {
    let it = Erasable::new().await;
    let deleted = it
        .texts("SELECT review_id::text FROM review_revision WHERE operation = 'deleted'")
        .await;
    let changed = it
        .texts("SELECT id::text FROM review WHERE excerpt = 'Changed.'")
        .await;
    assert_eq!(codes(&it.erase(json!({})).await), [""; 0]);
    for key in [&deleted[0], &changed[0]] {
        let id = marquee::global_id::GlobalId {
            kind: marquee::global_id::Kind::Review,
            key: key.parse().unwrap(),
        };
        let input = json!({ "id": id.encode(), "version": 1 });
        let payload = it
            .fixture
            .write(
                "restoreReview",
                "review { byline critic { name } } userErrors { code message }",
                input,
            )
            .await;
        assert_eq!(
            payload["review"],
            json!({ "byline": "", "critic": null }),
            "{payload}"
        );
    }
    for name in NAMES {
        assert_eq!(columns_with(&it.fixture, name).await, [""; 0], "{name}");
    }
}

#[tokio::test]
async fn a_repeated_erasure_returns_the_first_result_and_other_retries_change_nothing() {
    let it = Erasable::new().await;
    let add = json!({ "name": "Renée Dubois", "idempotencyKey": "add" });
    let errors = it.fixture.user_errors("addCritic", add.clone()).await;
    assert_eq!(errors, ["name ALREADY_EXISTS"]);
    let key = json!({ "idempotencyKey": "forget", "texts": "REMOVE" });
    let first = it.erase(key.clone()).await;
    assert_eq!(first["erasure"]["criticId"], it.critic);
    assert_eq!(it.erase(key).await, first);
    assert_eq!(codes(&it.erase(json!({})).await), ["id NOT_FOUND"]);
    // The refused mutation isn't run again, which would add the name.
    let errors = it.fixture.user_errors("addCritic", add).await;
    assert_eq!(errors, ["idempotencyKey NOT_FOUND"]);
    assert_eq!(columns_with(&it.fixture, NAMES[0]).await, [""; 0]);
}

#[tokio::test]
async fn invalid_erasures_are_rejected_with_all_errors() {
    let it = Erasable::new().await;
    for byline in ["renée dubois", "Notes by RENÉE  DUBOIS", "@renee-dubois"] {
        let payload = it
            .erase(json!({ "byline": byline, "expectedVersion": 7 }))
            .await;
        assert_eq!(
            codes(&payload),
            ["expectedVersion STALE", "byline CONTRADICTION"],
            "{byline}"
        );
    }
    let payload = it.erase(json!({ "id": it.fixture.film })).await;
    assert_eq!(codes(&payload), ["id NOT_FOUND"]);
    assert_eq!(
        it.texts("SELECT slug FROM critic WHERE slug LIKE 'r%'")
            .await,
        ["renee-dubois"]
    );
}

#[tokio::test]
async fn a_critic_who_was_deleted_before_is_added_again_and_erased() {
    let it = Erasable::new().await;
    let delete = json!({ "id": it.critic, "detachReviews": true });
    assert_eq!(
        it.fixture.user_errors("deleteCritic", delete).await,
        [""; 0]
    );
    let input = json!({ "name": "Renée Dubois" });
    let added = it
        .fixture
        .write("addCritic", "critic { id } userErrors { code }", input)
        .await;
    let payload = it
        .erase(json!({ "id": added["critic"]["id"], "texts": "REMOVE" }))
        .await;
    assert_eq!(codes(&payload), [""; 0]);
    for name in NAMES {
        assert_eq!(columns_with(&it.fixture, name).await, [""; 0], "{name}");
    }
}

#[tokio::test]
async fn the_byline_of_a_namesake_stays() {
    let it = Erasable::new().await;
    it.fixture
        .database()
        .execute("INSERT INTO critic (slug, name) VALUES ('the-other', 'RENÉE dubois')")
        .await;
    assert_eq!(codes(&it.erase(json!({})).await), [""; 0]);
    assert_eq!(
        columns_with(&it.fixture, NAMES[0]).await,
        ["critic.name", "critic.name_folded", "review.byline"]
    );
    assert_eq!(
        it.texts("SELECT excerpt FROM review WHERE byline = 'renée dubois'")
            .await,
        ["Uncredited."]
    );
}

#[tokio::test]
async fn an_erasure_is_recorded_without_the_name() {
    let it = Erasable::new().await;
    assert_eq!(
        codes(&it.erase(json!({ "texts": "REMOVE" })).await),
        [""; 0]
    );
    let document = "{ erasures { totalCount nodes { criticId erasedAt erasedBy reviewCount revisionCount textsRemoved } } }";
    let response = it
        .fixture
        .server
        .send_as(&it.admin, json!({ "query": document }))
        .await;
    let erasures = &response.body["data"]["erasures"];
    assert_eq!(erasures["totalCount"], 1, "{}", response.body);
    let erasure = &erasures["nodes"][0];
    assert_eq!(
        (
            &erasure["criticId"],
            &erasure["reviewCount"],
            &erasure["textsRemoved"]
        ),
        (&it.critic, &json!(4), &json!(true))
    );
    assert!(
        erasure["erasedBy"]
            .as_str()
            .unwrap()
            .starts_with("admin (token "),
        "{erasure}"
    );
    // Four states that the erasure has replaced, one that was changed before, one that was moved, and a deleted one.
    assert_eq!(erasure["revisionCount"], 7);
    let editor = request(
        "eraseCritic",
        SELECTION,
        &json!({ "id": it.fixture.ann, "texts": "KEEP" }),
    );
    let response = it.fixture.server.send_as(&it.fixture.editor, editor).await;
    assert_eq!(
        response.body["errors"][0]["extensions"]["code"],
        "FORBIDDEN"
    );
}
