//! External ids of films and critics: how they are written, and references by them.

use serde_json::{Value, json};

use super::{Fixture, codes, merged};

const PAGE: &str = include_str!("../fixtures/lamp.txt");

fn id(source: &str, id: &str) -> Value {
    json!({ "source": source, "id": id })
}

/// A mutation that adds a row, and one that updates it.
struct Kind {
    noun: &'static str,
    add: &'static str,
    update: &'static str,
    name: &'static str,
}

const KINDS: [Kind; 2] = [
    Kind {
        noun: "film",
        add: "addFilm",
        update: "updateFilm",
        name: "title",
    },
    Kind {
        noun: "critic",
        add: "addCritic",
        update: "updateCritic",
        name: "name",
    },
];

impl Kind {
    /// Adds a row, and returns it.
    async fn add(&self, fixture: &Fixture, name: &str, ids: Value) -> Value {
        let input = json!({ self.name: name, "externalIds": ids });
        let selection = format!(
            "{} {{ id version externalIds {{ source id }} }} userErrors {{ field code message }}",
            self.noun
        );
        let mut payload = fixture.write(self.add, &selection, input).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        payload[self.noun].take()
    }

    /// Updates a row. Returns the changed fields, the external ids and the version after that.
    async fn update(&self, fixture: &Fixture, row: &Value, values: Value) -> Value {
        let selection = format!(
            "changed {} {{ version externalIds {{ source id }} }} userErrors {{ field code message }}",
            self.noun
        );
        let input = merged(json!({ "id": row["id"] }), values);
        let payload = fixture.write(self.update, &selection, input).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        let row = &payload[self.noun];
        json!([payload["changed"], row["externalIds"], row["version"]])
    }
}

#[tokio::test]
async fn a_list_replaces_the_present_ids_and_is_a_change_of_the_version() {
    let fixture = Fixture::new().await;
    for kind in KINDS {
        let given = json!([id("tmdb", "7"), id(" imdb ", "x1"), id("tmdb", "7")]);
        let row = kind.add(&fixture, "New", given).await;
        assert_eq!(
            row["externalIds"],
            json!([id("imdb", "x1"), id("tmdb", "7")])
        );
        assert_eq!(row["version"], 1);
        let replaced = json!([id("imdb", "x1"), id("rt", "m/new"), id("tmdb", "8")]);
        for (values, expected) in [
            (
                json!({ "externalIds": replaced }),
                json!([["EXTERNAL_IDS"], replaced, 2]),
            ),
            // The same in another order.
            (
                json!({ "externalIds": [id("tmdb", "8"), id("rt", "m/new"), id("imdb", "x1")] }),
                json!([[], replaced, 2]),
            ),
            (
                json!({ "url": "https://a.example" }),
                json!([["URL"], replaced, 3]),
            ),
            (
                json!({ "url": null, "externalIds": [id("rt", "m/new")] }),
                json!([["URL", "EXTERNAL_IDS"], [id("rt", "m/new")], 4]),
            ),
            (
                json!({ "externalIds": null }),
                json!([["EXTERNAL_IDS"], [], 5]),
            ),
            (json!({ "externalIds": [] }), json!([[], [], 5])),
        ] {
            let updated = kind.update(&fixture, &row, values.clone()).await;
            assert_eq!(updated, expected, "{values}");
        }
        let stale = json!({ "id": row["id"], "expectedVersion": 4, "externalIds": [id("a", "b")] });
        assert_eq!(
            fixture.user_errors(kind.update, stale).await,
            ["expectedVersion STALE"]
        );
    }
}

#[tokio::test]
async fn an_id_of_another_row_is_an_error_that_names_it() {
    let fixture = Fixture::new().await;
    for kind in KINDS {
        let owner = kind
            .add(&fixture, "Owner", json!([id("imdb", "x1"), id("rt", "y")]))
            .await;
        let other = kind.add(&fixture, "Other", json!([id("imdb", "x2")])).await;
        let ids = json!([id("imdb", "x1"), id("imdb", "x2")]);
        let selection = "userErrors { field code message candidates { nodeId slug name } }";
        let update = json!({ "id": other["id"], "externalIds": ids });
        let payload = fixture.write(kind.update, selection, update).await;
        assert_eq!(codes(&payload), ["externalIds ALREADY_EXISTS"]);
        let error = &payload["userErrors"][0];
        let message = format!(
            "imdb:x1 is the ID of another {}, \"Owner\" (owner); remove it there first",
            kind.noun
        );
        assert_eq!(error["message"], message);
        assert_eq!(
            error["candidates"],
            json!([{ "nodeId": owner["id"], "slug": "owner", "name": "Owner" }])
        );
        // All errors are reported, and nothing is added.
        let add = json!({ kind.name: "Owner", "externalIds": [id("rt", "y")] });
        let mut errors = fixture.user_errors(kind.add, add).await;
        errors.sort_unstable();
        let name = format!("{} ALREADY_EXISTS", kind.name);
        assert_eq!(errors, ["externalIds ALREADY_EXISTS", name.as_str()]);
        // The id is free again.
        kind.update(&fixture, &owner, json!({ "externalIds": null }))
            .await;
        let taken = kind
            .update(&fixture, &other, json!({ "externalIds": ids }))
            .await;
        assert_eq!(taken[1], ids);
    }
}

#[tokio::test]
async fn an_invalid_id_has_its_error_at_its_place() {
    let fixture = Fixture::new().await;
    for kind in KINDS {
        let ids = json!([id("imdb", "x1"), id(" ", "x"), id("a:b", "\u{200b}")]);
        let input = json!({ kind.name: "New", "externalIds": ids });
        assert_eq!(
            fixture.user_errors(kind.add, input).await,
            [
                "externalIds.1.source BLANK",
                "externalIds.2.id BLANK",
                "externalIds.2.source INVALID"
            ]
        );
        let many: Vec<_> = (0..51).map(|number| id("a", &number.to_string())).collect();
        let input = json!({ kind.name: "New", "externalIds": many });
        assert_eq!(
            fixture.user_errors(kind.add, input).await,
            ["externalIds TOO_MANY_VALUES"]
        );
    }
    let rows = "SELECT count(*)::text FROM film_external_id UNION ALL SELECT count(*)::text FROM critic_external_id";
    assert_eq!(fixture.database().texts(rows).await, ["0", "0"]);
}

#[tokio::test]
async fn only_an_editor_may_write_ids() {
    let fixture = Fixture::new().await;
    let critic = fixture.ann_token().await;
    for kind in KINDS {
        let input = json!({ kind.name: "New", "externalIds": [id("imdb", "x1")] });
        assert_eq!(
            fixture.error_code(&critic, kind.add, input).await,
            "FORBIDDEN"
        );
    }
}

/// Gives the film, and Ann, an external id.
async fn with_ids() -> Fixture {
    let fixture = Fixture::new().await;
    fixture
        .database()
        .execute(
            "INSERT INTO film_external_id (source, external_id, film_id) SELECT 'imdb', 'tt1', id FROM film;
             INSERT INTO critic_external_id (source, external_id, critic_id) SELECT 'rt', 'ann', id FROM critic WHERE slug = 'ann'",
        )
        .await;
    fixture
}

#[tokio::test]
async fn queries_filters_and_subscriptions_find_rows_by_external_id() {
    let fixture = with_ids().await;
    fixture.add_review(json!({ "score": 70 })).await;
    let data = fixture
        .read(
            r#"{ film(by: {external: {source: " imdb", id: "tt1"}}) { slug externalIds { source id } }
                critic(by: {external: {source: "rt", id: "ann"}}) { slug externalIds { source id } }
                otherCase: film(by: {external: {source: "IMDb", id: "tt1"}}) { slug }
                ofCritic: film(by: {external: {source: "rt", id: "ann"}}) { slug }
                colon: critic(by: {external: {source: "rt:ann", id: "ann"}}) { slug }
                unstorable: critic(by: {external: {source: "rt", id: "a\u0000"}}) { slug }
                reviews(filter: {criticBy: {external: {source: "rt", id: "ann"}}}) { totalCount }
                none: reviews(filter: {criticBy: {external: {source: "rt", id: "bob"}}}) { totalCount } }"#,
        )
        .await;
    assert_eq!(
        data,
        json!({
            "film": { "slug": "lamp-1999", "externalIds": [id("imdb", "tt1")] },
            "critic": { "slug": "ann", "externalIds": [id("rt", "ann")] },
            "otherCase": null, "ofCritic": null, "colon": null, "unstorable": null,
            "reviews": { "totalCount": 1 }, "none": { "totalCount": 0 },
        })
    );
}

#[tokio::test]
async fn reviews_refer_to_films_and_critics_by_external_id() {
    let fixture = with_ids().await;
    let film = json!({ "external": id("imdb", "tt1") });
    let critic = json!({ "external": id("rt", "ann") });
    let selection = "review { id film { slug } critic { slug } } userErrors { field code message }";
    let input = json!({ "filmBy": film, "critic": critic, "score": 70 });
    let added = fixture.write("addReview", selection, input).await;
    assert_eq!(codes(&added), [""; 0]);
    assert_eq!(added["review"]["film"]["slug"], "lamp-1999");
    assert_eq!(added["review"]["critic"]["slug"], "ann");
    let other = fixture.other_film("other").await;
    let moved =
        json!({ "id": added["review"]["id"], "film": other, "critic": { "id": fixture.bob } });
    fixture.write("updateReview", selection, moved).await;
    let back = json!({ "id": added["review"]["id"], "filmBy": film, "critic": critic });
    let back = fixture.write("updateReview", selection, back).await;
    assert_eq!(back["review"], added["review"]);
    let unknown = json!({
        "filmBy": { "external": id("imdb", "tt2") }, "critic": { "external": id("rt", "") }, "score": 70,
    });
    assert_eq!(
        fixture.user_errors("addReview", unknown).await,
        ["critic.external.id BLANK", "filmBy.external NOT_FOUND"]
    );
    let unknown = json!({
        "filmBy": { "external": id("imdb", "tt1") }, "critic": { "external": id("rt", "bob") }, "score": 70,
    });
    assert_eq!(
        fixture.user_errors("addReview", unknown).await,
        ["critic.external NOT_FOUND"]
    );
}

#[tokio::test]
async fn other_mutations_refer_to_rows_by_external_id() {
    let fixture = with_ids().await;
    let film = json!({ "external": id("imdb", "tt1") });
    let ann = json!({ "external": id("rt", "ann") });
    let unknown = json!({ "external": id("rt", "nobody") });
    let no_errors = [""; 0];
    for (mutation, input) in [
        ("updateFilm", json!({ "by": film, "title": "Lamps" })),
        ("updateCritic", json!({ "by": ann, "name": "Anna" })),
    ] {
        assert_eq!(fixture.user_errors(mutation, input).await, no_errors);
    }
    let import = json!({ "film": film, "text": PAGE });
    assert_eq!(fixture.user_errors("importPage", import).await, no_errors);
    let import = json!({ "film": unknown, "text": PAGE });
    assert_eq!(
        fixture.user_errors("importPage", import).await,
        ["film.external NOT_FOUND"]
    );
    let merge = json!({ "fromBy": unknown, "into": fixture.bob });
    assert_eq!(
        fixture.user_errors("mergeCritics", merge).await,
        ["fromBy.external NOT_FOUND"]
    );
    let selection =
        "critic { slug version externalIds { source id } } userErrors { field code message }";
    let merge = json!({ "fromBy": ann, "into": fixture.bob });
    let merged = fixture.write("mergeCritics", selection, merge).await;
    assert_eq!(codes(&merged), no_errors);
    // The moved id is a change of the critic that remains.
    assert_eq!(
        merged["critic"],
        json!({ "slug": "bob", "version": 2, "externalIds": [id("rt", "ann")] })
    );
    for (mutation, input) in [
        ("deleteCritic", json!({ "by": ann, "detachReviews": true })),
        ("deleteFilm", json!({ "by": film, "withReviews": true })),
    ] {
        assert_eq!(fixture.user_errors(mutation, input).await, no_errors);
    }
    let rows =
        "SELECT source FROM film_external_id UNION ALL SELECT source FROM critic_external_id";
    assert_eq!(fixture.database().texts(rows).await, [""; 0]);
}
