//! Two servers with different executors.

use serde_json::{Value, json};

use super::introspection::types;
use crate::support::{TestDatabase, TestServer};

/// Makes async-graphql execute every field. Nothing is exported, since the program sets up the exporter and not the
/// server.
const TRACED: &str = "--otlp-endpoint=http://127.0.0.1:9";

/// Two servers on one database, one for each executor.
pub struct ExecutorPair {
    pub ours: TestServer,
    traced: TestServer,
}

impl ExecutorPair {
    pub fn with_database(database: TestDatabase) -> Self {
        Self::with_arguments(database, &[])
    }

    pub fn with_arguments(database: TestDatabase, more: &[&str]) -> Self {
        let ours = TestServer::with_arguments(database, more);
        let traced = TestServer::sharing_database_with(&ours, &[&[TRACED], more].concat());
        Self { ours, traced }
    }

    /// Returns the response of both servers, which must be equal.
    pub async fn compare(&self, document: &str) -> String {
        self.compare_as(None, document).await
    }

    /// Does the same for the caller with a token.
    pub async fn compare_as(&self, token: Option<&str>, document: &str) -> String {
        let ours = text(&self.ours, token, document).await;
        let traced = text(&self.traced, token, document).await;
        assert!(
            split_response(&ours) == split_response(&traced),
            "{document}\n{ours}\n{traced}"
        );
        ours
    }

    /// Returns the types of the schema, from a server without a limit of the response size.
    pub async fn types(&self) -> Vec<Value> {
        types(&TestServer::sharing_database(&self.ours)).await
    }
}

/// Splits a response into its errors and its data. Sibling fields fail in any order, so the errors are sorted. Beyond
/// the limit of errors, only their number is compared.
fn split_response(response: &str) -> (Vec<String>, &str) {
    let Some((errors, data)) = response.split_once(r#"],"data":"#) else {
        return (Vec::new(), response);
    };
    let errors = errors.strip_prefix(r#"{"errors":"#).unwrap();
    let errors: Vec<Value> = serde_json::from_str(&format!("{errors}]")).unwrap();
    let mut errors: Vec<String> = errors.iter().map(Value::to_string).collect();
    if errors
        .last()
        .is_some_and(|last| last.contains("TOO_MANY_ERRORS"))
    {
        errors.drain(..errors.len() - 1);
    }
    errors.sort();
    (errors, data)
}

async fn text(server: &TestServer, token: Option<&str>, document: &str) -> String {
    let mut request = server.client().post(server.url("/graphql"));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let request = request.json(&json!({ "query": document }));
    request.send().await.unwrap().text().await.unwrap()
}
