//! Mutations: their effects, their errors, retries, and concurrency.

mod bylines;
mod changed_fields;
mod concurrency;
mod critics_and_publications;
mod documented_ranges;
mod erasure;
mod external_ids;
mod file_messages;
mod files;
mod film_details;
mod films;
mod group_commit;
mod idempotency;
mod key_collisions;
mod merges;
mod one_review;
mod pages;
mod references;
mod restored_reviews;
mod review_moves;
mod review_permissions;
mod review_updates;
mod reviews;
mod revisions;
mod starvation;

use marquee::access::Role;
use serde_json::{Value, json};

use crate::support::{TestDatabase, TestServer};

/// A server with a film, two critics, a publication, and an editor's token.
struct Fixture {
    server: TestServer,
    editor: String,
    film: String,
    ann: String,
    bob: String,
    post: String,
}

impl Fixture {
    async fn new() -> Self {
        let server = TestServer::empty().await;
        server
            .database
            .execute(
                "INSERT INTO film (slug, title, year) VALUES ('lamp-1999', 'Lamp', 1999);
                 INSERT INTO critic (slug, name) VALUES ('ann', 'Ann'), ('bob', 'Bob');
                 INSERT INTO publication (slug, name) VALUES ('post', 'Post')",
            )
            .await;
        let ids = server
            .query(
                r#"{ film(by: {slug: "lamp-1999"}) { id } ann: critic(by: {slug: "ann"}) { id }
                    bob: critic(by: {slug: "bob"}) { id } publication(by: {slug: "post"}) { id } }"#,
            )
            .await;
        let id = |field: &str| ids[field]["id"].as_str().unwrap().to_owned();
        Self {
            editor: server.database.token(Role::Editor, None).await,
            film: id("film"),
            ann: id("ann"),
            bob: id("bob"),
            post: id("publication"),
            server,
        }
    }

    fn database(&self) -> &TestDatabase {
        &self.server.database
    }

    /// Adds another film and returns its id.
    async fn other_film(&self, slug: &str) -> Value {
        let sql = format!("INSERT INTO film (slug, title) VALUES ('{slug}', 'Other')");
        self.database().execute(&sql).await;
        let document = format!("{{ film(by: {{slug: \"{slug}\"}}) {{ id }} }}");
        self.server.query(&document).await["film"]["id"].take()
    }

    /// Changes the rules of the site so that a critic may have a review of a film for each publication.
    async fn allow_more_reviews(&self) {
        let change = "UPDATE site_rules SET more_reviews_per_critic = true";
        let database = self.database();
        // Returns once the server receives notifications. One that doesn't LISTEN yet would miss the change.
        self.server.clear_caches().await;
        self.server
            .after_notification(|| database.execute(change))
            .await;
    }

    /// Creates a token of the critic Ann.
    async fn ann_token(&self) -> String {
        let key = self
            .database()
            .texts("SELECT id::text FROM critic WHERE slug = 'ann'")
            .await;
        let key = key[0].parse().unwrap();
        self.database().token(Role::Critic, Some(key)).await
    }

    /// Executes a mutation as the editor and returns its payload. The response must have no errors.
    async fn write(&self, mutation: &str, selection: &str, input: Value) -> Value {
        self.write_as(&self.editor, mutation, selection, input)
            .await
    }

    /// Executes a mutation and returns its payload. The response must have no errors.
    async fn write_as(&self, token: &str, mutation: &str, selection: &str, input: Value) -> Value {
        let mut response = self
            .server
            .send_as(token, request(mutation, selection, &input))
            .await;
        assert_eq!(response.body.get("errors"), None, "{}", response.body);
        response.body["data"][mutation].take()
    }

    /// Executes a query as the editor and returns its data. The response must have no errors.
    async fn read(&self, document: &str) -> Value {
        let request = json!({ "query": document });
        let mut response = self.server.send_as(&self.editor, request).await;
        assert_eq!(response.body.get("errors"), None, "{}", response.body);
        response.body["data"].take()
    }

    /// Executes a mutation that must fail with a top-level error, and returns its code.
    async fn error_code(&self, token: &str, mutation: &str, input: Value) -> Value {
        let mut response = self
            .server
            .send_as(token, request(mutation, "userErrors { code }", &input))
            .await;
        assert_eq!(response.body["data"][mutation], Value::Null);
        response.body["errors"][0]["extensions"]["code"].take()
    }

    /// Executes a mutation as the editor and returns the fields and codes of its user errors.
    async fn user_errors(&self, mutation: &str, input: Value) -> Vec<String> {
        let payload = self
            .write(mutation, "userErrors { field code message }", input)
            .await;
        codes(&payload)
    }

    /// Adds a review by Ann for the Post.
    async fn add_review(&self, more: Value) -> Value {
        let input = merged(
            json!({ "film": self.film, "critic": { "id": self.ann }, "publication": { "id": self.post } }),
            more,
        );
        let payload = self
            .write(
                "addReview",
                "review { id version } userErrors { field code message }",
                input,
            )
            .await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        payload["review"].clone()
    }
}

/// Returns the request of a mutation. Its input type is named after the mutation, with the suffix `Input`.
fn request(mutation: &str, selection: &str, input: &Value) -> Value {
    let (first, rest) = mutation.split_at(1);
    let of = format!("{}{rest}Input", first.to_uppercase());
    json!({
        "query": format!("mutation($input: {of}!) {{ {mutation}(input: $input) {{ {selection} }} }}"),
        "variables": { "input": input },
    })
}

fn merged(mut one: Value, other: Value) -> Value {
    let (Value::Object(fields), Value::Object(more)) = (&mut one, other) else {
        panic!("an input is an object");
    };
    fields.extend(more);
    one
}

/// Returns `field.of.input CODE` of each user error in a payload, in the order of the response.
fn codes(payload: &Value) -> Vec<String> {
    let errors = payload["userErrors"].as_array().unwrap().iter();
    errors
        .map(|error| {
            let field: Vec<_> = error["field"].as_array().unwrap().iter().skip(1).collect();
            let field: Vec<_> = field.iter().map(|step| step.as_str().unwrap()).collect();
            assert!(!error["message"].as_str().unwrap().is_empty());
            format!("{} {}", field.join("."), error["code"].as_str().unwrap())
        })
        .collect()
}

/// Returns SQL for a deferred trigger that terminates its own session at the commit of a matching row.
fn killed_at_commit(table: &str, when: &str) -> String {
    format!(
        "CREATE FUNCTION killed_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER killed_at_commit AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW {when} EXECUTE FUNCTION killed_at_commit()"
    )
}
