//! Writing through the API: what it changes, what it refuses, and what becomes of it when it is sent twice or at the same time.

mod films;
mod groups;
mod keys;
mod names;
mod pages;
mod reviews;
mod starving;
mod together;

use marquee::access::Role;
use serde_json::{Value, json};

use crate::support::{TestDatabase, TestServer};

/// A server with a film, two critics and a publication, and somebody who may write.
struct Desk {
    server: TestServer,
    editor: String,
    film: String,
    ann: String,
    bob: String,
    post: String,
}

impl Desk {
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

    /// A token of Ann's.
    async fn ann_token(&self) -> String {
        let key = self
            .database()
            .texts("SELECT id::text FROM critic WHERE slug = 'ann'")
            .await;
        let key = key[0].parse().unwrap();
        self.database().token(Role::Critic, Some(key)).await
    }

    /// The payload of a mutation by the editor, which must run.
    async fn write(&self, mutation: &str, selection: &str, input: Value) -> Value {
        self.write_as(&self.editor, mutation, selection, input)
            .await
    }

    /// The payload of a mutation, which must run.
    async fn write_as(&self, token: &str, mutation: &str, selection: &str, input: Value) -> Value {
        let mut answer = self
            .server
            .send_as(token, request(mutation, selection, &input))
            .await;
        assert_eq!(answer.body.get("errors"), None, "{}", answer.body);
        answer.body["data"][mutation].take()
    }

    /// The code of the error of a mutation that must not run.
    async fn refused(&self, token: &str, mutation: &str, input: Value) -> Value {
        let mut answer = self
            .server
            .send_as(token, request(mutation, "userErrors { code }", &input))
            .await;
        assert_eq!(answer.body["data"][mutation], Value::Null);
        answer.body["errors"][0]["extensions"]["code"].take()
    }

    /// The fields and codes of what is wrong with an input.
    async fn wrong(&self, mutation: &str, input: Value) -> Vec<String> {
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

/// The name of a mutation's input type is that of the mutation with `Input`.
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

/// `field.of.input CODE`, sorted as told.
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

/// A trigger that waits for the end of the transaction, and kills its session in the moment of the commit if such a row was added.
fn killed_at_commit(table: &str, when: &str) -> String {
    format!(
        "CREATE FUNCTION killed_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER killed_at_commit AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW {when} EXECUTE FUNCTION killed_at_commit()"
    )
}
