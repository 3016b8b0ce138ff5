//! Checks documents against the schema without running them.

use std::sync::{Arc, LazyLock};

use async_graphql::{
    Request, Response, ValidationMode,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute},
    parser::{parse_query, types::DocumentOperations},
};
use futures_util::FutureExt;

use crate::{
    live::graphql::Subscription,
    schema::{Mutation, Query, Schema},
};

/// Tells what is wrong with a document, in words.
pub type Check = Box<dyn Fn(&str) -> Result<(), String> + Send + Sync>;

/// A check by the schema's own validation.
#[must_use]
pub fn by_schema() -> Check {
    // It is built when it is needed first: who names no documents needs none.
    let schema = LazyLock::new(checking_schema);
    Box::new(move |text| check(text, &schema))
}

fn check(text: &str, schema: &Schema) -> Result<(), String> {
    let operation = operation_names(text)?.into_iter().next();
    let mut request = Request::new(text);
    request.operation_name = operation;
    // Nothing in it waits for anything.
    let response = schema.execute(request).now_or_never();
    let response = response.ok_or("the document could not be checked")?;
    match response.errors.first() {
        None => Ok(()),
        Some(error) => Err(match error.locations.first() {
            Some(place) => format!("{}:{}: {}", place.line, place.column, error.message),
            None => error.message.clone(),
        }),
    }
}

/// The names of a document's operations, as far as they have some, in the order of the alphabet.
///
/// # Errors
///
/// When it can't be parsed.
pub fn operation_names(text: &str) -> Result<Vec<String>, String> {
    let document = parse_query(text).map_err(|error| error.to_string())?;
    let mut names: Vec<String> = match document.operations {
        DocumentOperations::Single(_) => Vec::new(),
        DocumentOperations::Multiple(operations) => {
            operations.keys().map(ToString::to_string).collect()
        }
    };
    names.sort();
    Ok(names)
}

fn checking_schema() -> Schema {
    Schema::build(Query, Mutation::default(), Subscription)
        .validation_mode(ValidationMode::Strict)
        .extension(Stop)
        .finish()
}

/// Stops each request once it is found good.
struct Stop;

impl ExtensionFactory for Stop {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for Stop {
    async fn execute(
        &self,
        _: &ExtensionContext<'_>,
        _: Option<&str>,
        _: NextExecute<'_>,
    ) -> Response {
        Response::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_good_if_it_fits_the_schema_whatever_it_does() {
        let check = by_schema();
        for good in [
            "{ __typename }",
            "query A($id: ID!) { node(id: $id) { id } } query B { films { totalCount } }",
            "mutation ($input: AddFilmInput!) { addFilm(input: $input) { film { id } } }",
            "subscription { reviewAdded { id } }",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (bad, expected) in [
            ("", "expected"),
            ("{", "expected"),
            ("{ nothing }", "1:3: "),
            (
                "query A { films { totalCount } } query B { nothing }",
                "1:44: ",
            ),
            ("query ($n: Nothing) { __typename }", "Nothing"),
        ] {
            let error = check(bad).unwrap_err();
            assert!(error.contains(expected), "{bad}: {error}");
        }
    }
}
