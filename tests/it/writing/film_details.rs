//! Posters, other titles, countries and cast of films.

use serde_json::{Value, json};

use super::{Fixture, merged};

const DETAILS: &str =
    "countries cast alternativeTitles { title language } poster { url width height alt } version";

const PAYLOAD: &str = "film { countries cast alternativeTitles { title language } poster { url width height alt } version }
    userErrors { field code }";

fn all() -> Value {
    json!({
        "countries": ["Denmark", " ", "Faroe Islands", "Denmark"], "cast": ["Kim Holt", "Ida Fern"],
        "alternativeTitles": [
            { "title": " Ravtidevann ", "language": "NB" }, { "title": "Maré de Âmbar", "language": "pt-br" },
            { "title": "[Rec]" }, { "title": "Lantern [da]" }, { "title": "Ravtidevann", "language": "nb" },
        ],
        "poster": { "url": "https://films.example/tide.jpg", "width": 400, "height": 600, "alt": "A pier at dusk" },
    })
}

fn stored() -> Value {
    json!({
        "countries": ["Denmark", "Faroe Islands"], "cast": ["Kim Holt", "Ida Fern"],
        "alternativeTitles": [
            { "title": "Ravtidevann", "language": "nb" }, { "title": "Maré de Âmbar", "language": "pt-BR" },
            { "title": "[Rec]", "language": null }, { "title": "Lantern [da]", "language": null },
        ],
        "poster": { "url": "https://films.example/tide.jpg", "width": 400, "height": 600, "alt": "A pier at dusk" },
        "version": 1,
    })
}

#[tokio::test]
async fn details_are_added_and_each_is_updated_or_cleared_alone() {
    let fixture = Fixture::new().await;
    let input = merged(json!({ "title": "Amber Tide" }), all());
    let payload = fixture.write("addFilm", PAYLOAD, input).await;
    assert_eq!(payload, json!({ "film": stored(), "userErrors": [] }));
    let film = "by: { slug: \"amber-tide\" }";
    let mut expected = stored();
    for (version, (field, value, stored)) in [
        ("cast", json!(null), json!([])),
        ("countries", json!(["Norway"]), json!(["Norway"])),
        ("alternativeTitles", json!([{ "title": "Ravtid" }]), json!([{ "title": "Ravtid", "language": null }])),
        ("poster", json!({ "url": "https://films.example/2.jpg" }),
            json!({ "url": "https://films.example/2.jpg", "width": null, "height": null, "alt": null })),
        ("poster", json!(null), json!(null)),
    ]
    .into_iter()
    .enumerate()
    {
        expected[field] = stored;
        expected["version"] = json!(version + 2);
        let input = json!({ "by": { "slug": "amber-tide" }, field: value });
        let payload = fixture.write("updateFilm", PAYLOAD, input).await;
        assert_eq!(payload, json!({ "film": expected, "userErrors": [] }), "{field}");
    }
    let read = fixture
        .read(&format!("{{ film({film}) {{ {DETAILS} }} }}"))
        .await;
    assert_eq!(read["film"], expected);
}

#[tokio::test]
async fn each_invalid_detail_has_its_error() {
    let fixture = Fixture::new().await;
    let long = "x".repeat(301);
    let many = |prefix: &str| (0..51).map(|n| format!("{prefix} {n}")).collect::<Vec<_>>();
    let titles: Vec<_> = many("T")
        .into_iter()
        .map(|title| json!({ "title": title }))
        .collect();
    for (input, error) in [
        (
            json!({ "countries": many("C") }),
            "countries TOO_MANY_VALUES",
        ),
        (json!({ "cast": ["Kim Holt", long] }), "cast.1 TOO_LONG"),
        (
            json!({ "alternativeTitles": titles }),
            "alternativeTitles TOO_MANY_VALUES",
        ),
        (
            json!({ "alternativeTitles": [{ "title": " " }] }),
            "alternativeTitles.0.title BLANK",
        ),
        (
            json!({ "alternativeTitles": [{ "title": "T", "language": "Danish!" }] }),
            "alternativeTitles.0.language INVALID",
        ),
        (
            json!({ "poster": { "url": "poster.jpg" } }),
            "poster.url INVALID",
        ),
        (json!({ "poster": { "url": " " } }), "poster.url INVALID"),
        (
            json!({ "poster": { "url": "https://p.example", "width": 0 } }),
            "poster.width OUT_OF_RANGE",
        ),
        (
            json!({ "poster": { "url": "https://p.example", "height": 100_001 } }),
            "poster.height OUT_OF_RANGE",
        ),
        (
            json!({ "poster": { "url": "https://p.example", "alt": long } }),
            "poster.alt TOO_LONG",
        ),
    ] {
        let input = merged(json!({ "title": "Amber Tide" }), input);
        assert_eq!(fixture.user_errors("addFilm", input).await, [error]);
    }
}
