//! Documents with the result of graphql-js.

use serde::Deserialize;

use super::{super::error::Stage, pipeline, plan};

const CASES: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../shared/graphql_cases/cases.json"
);

#[derive(Deserialize)]
struct Cases {
    schemas: Schemas,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Schemas {
    rich: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    id: u32,
    name: String,
    query: String,
    operation_name: Option<String>,
    variables: Option<String>,
    want: Want,
}

#[derive(Deserialize)]
struct Want {
    stage: String,
}

/// The cases in which Marquee intentionally differs from graphql-js, with the reasons.
const QUIRKS: [(u32, &str); 5] = [
    (
        246,
        "graphql-js accepts 1e400, which is infinite, as a Float",
    ),
    (
        286,
        "both reject a schema definition, Marquee already in the parser",
    ),
    (
        376,
        "bluejay requires [[1], [2]] for [[Int]]; a test checks that Marquee's schema has no list of lists",
    ),
    (
        546,
        "Marquee rejects a null at a position that allows none before the execution, graphql-js in the field",
    ),
    (
        618,
        "graphql-js distinguishes a block string from a string of the same value",
    ),
];

#[test]
fn documents_have_the_same_result_as_with_graphql_js() {
    let Ok(text) = std::fs::read_to_string(CASES) else {
        eprintln!("NOT RUN: the comparison with graphql-js needs {CASES}, which doesn't exist");
        return;
    };
    let Cases { schemas, cases } = serde_json::from_str(&text).unwrap();
    let pipeline = pipeline(&schemas.rich);
    let mut differing = Vec::new();
    for case in &cases {
        let variables = case.variables.as_deref().unwrap_or("{}");
        let operation = case.operation_name.as_deref();
        let result = plan(&pipeline, &case.query, operation, variables);
        let stage = match &result {
            Ok(_) => "ok",
            Err(rejection) => match rejection.stage {
                Stage::Limits => "limits",
                Stage::Parse => "parse",
                Stage::Validate => "validate",
                Stage::Operation => "operation",
                Stage::Variables => "variables",
            },
        };
        let quirk = QUIRKS.iter().any(|(id, _)| *id == case.id);
        if (stage == case.want.stage) == quirk {
            let errors = result.err().map(|rejection| rejection.errors);
            let Case {
                id,
                name,
                query,
                want,
                ..
            } = case;
            differing.push(format!(
                "{id} {name}: {stage}, not {}: {query} {variables}\n    {errors:?}",
                want.stage
            ));
        }
    }
    assert!(
        differing.is_empty(),
        "{} of {}:\n{}",
        differing.len(),
        cases.len(),
        differing.join("\n")
    );
}
