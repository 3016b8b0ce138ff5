//! The example that the documentation works through by hand.

use std::{collections::BTreeMap, fs};

use marquee::access::Role;
use serde_json::{Value, json};

use crate::support::{TestServer, root};

/// The cell of a table for something that a review does not have.
const NONE: &str = "–";

/// A row of a table of reviews.
struct Row<'t> {
    cells: [&'t str; 7],
}

impl<'t> Row<'t> {
    fn parse(line: &'t str) -> Self {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let cells = cells.try_into().expect("a row has seven cells");
        Self { cells }
    }

    /// Returns the number in a column; `None` if there is none.
    fn number(&self, column: usize) -> Option<f64> {
        let text = self.cells[column];
        (text != NONE && !text.is_empty()).then(|| text.parse().unwrap())
    }

    fn publication(&self) -> Option<&'t str> {
        Some(self.cells[1]).filter(|name| *name != NONE)
    }

    fn weight(&self) -> f64 {
        self.number(2).unwrap()
    }

    /// Returns whether the review has neither a score nor a sentiment.
    fn is_unrated(&self) -> bool {
        self.cells[3] == NONE && self.cells[4] == NONE
    }

    /// Returns the statements that add an unrated review, as an import does. `addReview` rejects it.
    fn insertion(&self, film: &str) -> String {
        let name = self.cells[0];
        let slug = name.to_lowercase().replace(' ', "-");
        let publication = self.publication().unwrap_or_default();
        format!(
            "INSERT INTO critic (slug, name) VALUES ('{slug}', '{name}');
             INSERT INTO review (film_id, critic_id, publication_id)
             SELECT film.id, critic.id, (SELECT id FROM publication WHERE name = '{publication}')
             FROM film, critic WHERE film.slug = '{film}' AND critic.slug = '{slug}'"
        )
    }

    /// Returns the input of `addReview`.
    fn input(&self, film: &str) -> Value {
        let sentiment = Some(self.cells[4]).filter(|text| *text != NONE);
        json!({
            "film": film,
            "critic": { "name": self.cells[0] },
            "publication": self.publication().map(|name| json!({ "name": name })),
            "score": self.cells[3].parse::<i32>().ok(),
            "sentiment": sentiment.map(str::to_uppercase),
        })
    }
}

/// Returns the text between two marks.
fn between<'t>(text: &'t str, begin: &str, end: &str) -> &'t str {
    let (_, rest) = text.split_once(begin).unwrap();
    rest.split_once(end).unwrap().0
}

/// Sends a mutation, and returns its payload, which has no errors.
async fn mutate(
    server: &TestServer,
    token: &str,
    field: &str,
    selection: &str,
    input: Value,
) -> Value {
    let kind = format!("{}{}Input", field[..1].to_uppercase(), &field[1..]);
    let query = format!(
        "mutation ($input: {kind}!) {{ {field}(input: $input) {{ {selection} userErrors {{ message }} }} }}"
    );
    let request = json!({ "query": query, "variables": { "input": input } });
    let response = server.send_as(token, request).await;
    let payload = &response.body["data"][field];
    assert_eq!(payload["userErrors"], json!([]), "{}", response.body);
    payload.clone()
}

/// Replaces whole numbers by decimal ones, so that 61 equals 61.0.
fn with_decimals(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64().unwrap()),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), with_decimals(value)))
            .collect(),
        other => other.clone(),
    }
}

/// Asserts that the products and the sums of a table are right.
fn check_arithmetic(rows: &[Row<'_>], sums: &Row<'_>) {
    let equals = |one: f64, other: f64| (one - other).abs() < 1e-9;
    let (mut weights, mut products) = (0.0, 0.0);
    for row in rows {
        let counted = row.number(5).map(|counted| row.weight() * counted);
        assert_eq!(
            counted.is_some(),
            row.number(6).is_some(),
            "{}",
            row.cells[0]
        );
        if let Some(product) = counted {
            assert!(equals(product, row.number(6).unwrap()), "{}", row.cells[0]);
            weights += row.weight();
            products += product;
        }
    }
    assert!(equals(weights, sums.weight()), "{weights}");
    assert!(equals(products, sums.number(6).unwrap()), "{products}");
}

/// Adds a film with the reviews of a table, and returns its slug.
async fn add_film(server: &TestServer, title: &str, rows: &[Row<'_>]) -> String {
    let token = server.database.token(Role::Editor, None).await;
    let weights: BTreeMap<&str, f64> = rows
        .iter()
        .filter_map(|row| Some((row.publication()?, row.weight())))
        .collect();
    let add = async |field, selection, input| mutate(server, &token, field, selection, input).await;
    for (name, weight) in weights {
        // A weight of 1 is the default.
        let weight = (weight.to_bits() != 1_f64.to_bits()).then_some(weight);
        let input = json!({ "name": name, "weight": weight });
        add("addPublication", "publication { id }", input).await;
    }
    let payload = add("addFilm", "film { id slug }", json!({ "title": title })).await;
    let film = payload["film"]["id"].as_str().unwrap();
    let slug = payload["film"]["slug"].as_str().unwrap();
    for row in rows {
        if row.is_unrated() {
            server.database.execute(&row.insertion(slug)).await;
        } else {
            add("addReview", "review { id }", row.input(film)).await;
        }
    }
    slug.to_owned()
}

#[tokio::test]
async fn the_example_that_is_worked_through_by_hand_is_what_the_server_responds() {
    let text = fs::read_to_string(root().join("docs/score-example.md")).unwrap();
    let query = between(&text, "```graphql\n", "```\n");
    let mut sections = text.split("\n## ").skip(1).peekable();
    assert!(sections.peek().is_some());
    for section in sections {
        let title = section.lines().next().unwrap();
        let lines = section.lines().filter(|line| line.starts_with('|'));
        let mut rows: Vec<Row<'_>> = lines.skip(2).map(Row::parse).collect();
        let sums = rows.pop().unwrap();
        assert!(rows.len() >= 5, "{title}");
        check_arithmetic(&rows, &sums);

        let server = TestServer::empty().await;
        let slug = add_film(&server, title, &rows).await;
        let variables = json!({ "film": slug });
        let response = server
            .send(json!({ "query": query, "variables": variables }))
            .await;
        let expected: Value = serde_json::from_str(between(section, "```json\n", "```")).unwrap();
        let found = &response.body["data"]["film"];
        assert_eq!(with_decimals(found), with_decimals(&expected), "{title}");
    }
}
