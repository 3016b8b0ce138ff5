//! Generates requests with variables of every input type of the schema from choices. Every byte sequence is a valid
//! sequence of choices. A request that can be planned is executed with an unreachable database, so that its values are
//! parsed and statements are built from them.

use std::{
    fmt::Write,
    sync::{Arc, LazyLock},
    time::Duration,
};

use async_graphql::{
    Request, Response,
    parser::types::{BaseType, OperationType, Type},
};
use chrono::NaiveDate;
use sea_orm::sqlx::postgres::PgConnectOptions;
use serde_json::{Map, Value, json};

use crate::{
    access::{Principal, Role, Viewer},
    cache::invalidation_clock::InvalidationClock,
    database::{pool::Pool, session::Session},
    document::{
        Pipeline, Plan,
        limits::Limits,
        schema::{Field, Input, Kind, Schema, base_type_name},
    },
    error::code,
    global_id::{GlobalId, Kind as IdKind},
    graphql::budget::TextBudget,
    loader::{batcher::Batcher, data_loader::DataLoader, row_cache::RowCache},
    metrics::CacheMetrics,
    mutation::store::group::GroupCommit,
    pagination::{Direction, KeyKind, OrderTag, Position, SortKey},
};

/// The most errors in a response.
const MAX_ERRORS: usize = 20;

/// The most characters of a string in a query: the maximum of all inputs.
const MAX_STRING_LENGTH: usize = 2_000;

/// The most values of a list in a query: the maximum of all inputs.
const MAX_LIST_LENGTH: usize = 1_000;

/// A socket directory without a server.
const UNREACHABLE_SOCKET: &str = "/nowhere";

struct Fixture {
    schema: Schema,
    pipeline: Pipeline,
    executor: crate::graphql::schema::Schema,
}

static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| {
    let sdl = crate::graphql::schema::sdl();
    let pipeline = Pipeline::new(&sdl, Limits::default(), true, 0, CacheMetrics::default());
    match (Schema::parse(&sdl), pipeline) {
        (Ok(served), Ok(pipeline)) => Fixture {
            schema: served,
            pipeline,
            executor: crate::graphql::schema::build(),
        },
        (Err(error), _) | (_, Err(error)) => unreachable!("{error}"),
    }
});

/// Checks that a request is rejected with messages, or is executed with values within their bounds. The response has
/// data, caller's errors, or errors about the unreachable database, but no internal errors, and nothing panics.
///
/// # Panics
///
/// When the property doesn't hold.
pub fn variables_of_any_type_get_a_response(choices: &[u8]) {
    let fixture = &*FIXTURE;
    let mut writer = RequestGenerator {
        schema: &fixture.schema,
        choices: choices.iter().copied(),
    };
    let (query, variables) = writer.request();
    let plan = fixture
        .pipeline
        .document(&query)
        .and_then(|document| fixture.pipeline.plan(&document, None, &variables));
    match plan {
        Ok(plan) => {
            if plan.operation_type != OperationType::Mutation {
                check_bounds(&plan);
            }
            check_execution(&query, plan);
        }
        Err(rejection) => {
            assert!(
                (1..=MAX_ERRORS).contains(&rejection.errors.len()),
                "{query}"
            );
            let errors = &rejection.errors;
            assert!(
                errors.iter().all(|error| !error.message.is_empty()),
                "{query}"
            );
        }
    }
}

fn check_bounds(plan: &Plan) {
    fn check(value: &Value) {
        match value {
            Value::String(text) => {
                // A character in NFC may be up to four characters in the input, each of up to four bytes.
                let bytes = MAX_STRING_LENGTH * 16;
                assert!(text.len() <= bytes, "{} bytes", text.len());
            }
            Value::Array(items) => {
                assert!(items.len() <= MAX_LIST_LENGTH, "{} values", items.len());
                items.iter().for_each(check);
            }
            Value::Object(fields) => fields.values().for_each(check),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    for (_, operation) in plan.document.operations.iter() {
        for item in &operation.node.selection_set.node.items {
            let async_graphql::parser::types::Selection::Field(field) = &item.node else {
                continue;
            };
            for (_, value) in &field.node.arguments {
                let value = value.node.clone().into_const();
                let value = value.and_then(|value| value.into_json().ok());
                check(&value.unwrap_or_default());
            }
        }
    }
}

fn check_execution(query: &str, plan: Plan) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let Ok(runtime) = runtime else {
        unreachable!("a current-thread runtime can be built");
    };
    let response = runtime.block_on(execute(plan));
    for error in &response.errors {
        assert!(!error.message.is_empty(), "{query}");
        let code = error.extensions.as_ref().and_then(|all| all.get("code"));
        let is_ours = code == Some(&async_graphql::Value::from(code::INTERNAL));
        assert!(!is_ours, "{} for {query}", error.message);
    }
    if let Err(error) = serde_json::to_vec(&response) {
        unreachable!("{error} for {query}");
    }
}

async fn execute(plan: Plan) -> Response {
    let options = PgConnectOptions::new_without_pgpass().socket(UNREACHABLE_SOCKET);
    // The deadline has passed already, so transactions aren't retried.
    let session = Session::new(Pool::single(&options)).with_deadline(Duration::ZERO);
    let rows = RowCache::new(Arc::new(InvalidationClock::default()), 0);
    let loader = DataLoader::new(session, Batcher::new(Arc::new(rows)));
    let viewer = Viewer::Authenticated(Principal {
        actor: "properties".to_owned(),
        name: "properties".to_owned(),
        role: Role::Admin,
        critic: None,
        expires_at: None,
    });
    let mut request = Request::new("")
        .data(viewer)
        .data(Arc::new(loader))
        .data(Arc::new(GroupCommit::default()))
        .data(TextBudget::new(1 << 20));
    request.set_parsed_query(plan.document);
    FIXTURE.executor.execute(request).await
}

struct RequestGenerator<'a, C> {
    schema: &'a Schema,
    choices: C,
}

impl<'a, C: Iterator<Item = u8>> RequestGenerator<'a, C> {
    /// Returns the next choice; 0, the first option, when no choices are left.
    fn choice(&mut self) -> usize {
        self.choices.next().map_or(0, usize::from)
    }

    fn pick<'o, T>(&mut self, options: &'o [T]) -> &'o T {
        let choice = self.choice() % options.len();
        &options[choice]
    }

    fn request(&mut self) -> (String, Map<String, Value>) {
        let roots = [
            ("query", "Query", ""),
            ("mutation", "Mutation", ""),
            ("query", "Film", "film(by: {slug: \"a\"})"),
            ("query", "Critic", "critic(by: {slug: \"a\"})"),
            (
                "query",
                "ScoreDistribution",
                "film(by: {slug: \"a\"}) { scoreDistribution",
            ),
            ("query", "Review", "review(id: \"a\")"),
            ("subscription", "Subscription", ""),
        ];
        let (word, parent, around) = *self.pick(&roots);
        let (name, field) = self.field(parent);
        let (mut declared, mut used, mut variables) = (String::new(), String::new(), Map::new());
        for argument in &field.arguments {
            let is_needed = !argument.ty.nullable && !argument.has_default;
            if !is_needed && self.choice().is_multiple_of(3) {
                continue;
            }
            // Writing to a `String` can't fail.
            let _ = write!(declared, " ${}: {}", argument.name, argument.ty);
            let _ = write!(used, " {0}: ${0}", argument.name);
            let value = self.value(&argument.ty, 0);
            variables.insert(argument.name.clone(), value);
        }
        let in_brackets = |text: &str| {
            if text.is_empty() {
                String::new()
            } else {
                format!("({text})")
            }
        };
        let selection = self.selection(base_type_name(&field.ty));
        let mut query = format!("{name}{}{selection}", in_brackets(&used));
        if !around.is_empty() {
            query = format!(
                "{around} {{ {query} }}{}",
                "}".repeat(around.matches('{').count().saturating_sub(1))
            );
        }
        (
            format!("{word}{} {{ {query} }}", in_brackets(&declared)),
            variables,
        )
    }

    /// Picks a field that has arguments.
    fn field(&mut self, parent: &str) -> (&'a str, &'a Field) {
        let fields = self.schema.find(parent).and_then(|ty| ty.fields());
        let fields = fields.into_iter().flatten();
        let mut fields: Vec<_> = fields
            .filter(|(_, field)| !field.arguments.is_empty())
            .map(|(name, field)| (name.as_str(), field))
            .collect();
        // The iteration order of a map differs between runs.
        fields.sort_by_key(|(name, _)| *name);
        *self.pick(&fields)
    }

    fn selection(&self, ty: &str) -> &'static str {
        match self.schema.find(ty).map(|ty| &ty.kind) {
            Some(Kind::Object(fields)) if fields.contains_key("totalCount") => {
                " { totalCount nodes { __typename id } pageInfo { endCursor } }"
            }
            Some(Kind::Object(fields)) if fields.contains_key("userErrors") => {
                " { userErrors { field code message } }"
            }
            Some(Kind::Object(_) | Kind::Interface(..) | Kind::Union(_)) => " { __typename }",
            _ => "",
        }
    }

    fn value(&mut self, ty: &'a Type, depth: usize) -> Value {
        match self.choice() % 16 {
            14 => return Value::Null,
            15 => return self.value_of_another_type(),
            _ => {}
        }
        let name = match &ty.base {
            BaseType::Named(name) => name.as_str(),
            BaseType::List(inner) => {
                let length = *self.pick(&[1, 0, 2, 3, 30, 31, 50, 51, 100, 101, 501, 1_001]);
                let (one, other) = (self.value(inner, depth), self.value(inner, depth));
                let differ = self.choice() % 2 == 1;
                let item = |place: usize| match &one {
                    Value::String(text) if differ => json!(format!("{text}{place}")),
                    one if place.is_multiple_of(2) => one.clone(),
                    _ => other.clone(),
                };
                return (0..length).map(item).collect();
            }
        };
        match self.schema.find(name).map(|ty| &ty.kind) {
            Some(Kind::Enum(names)) => {
                let mut names: Vec<_> = names.iter().collect();
                names.sort();
                json!(self.pick(&names))
            }
            Some(Kind::Input { fields, one_of }) => self.object(fields, *one_of, depth + 1),
            _ => self.scalar(name),
        }
    }

    fn object(&mut self, fields: &'a [Input], one_of: bool, depth: usize) -> Value {
        let mut given = Map::new();
        if one_of {
            let field = self.pick(fields);
            given.insert(field.name.clone(), self.value(&field.ty, depth));
        } else {
            for field in fields {
                if !field.ty.nullable || self.choice() % 3 == 1 {
                    given.insert(field.name.clone(), self.value(&field.ty, depth));
                }
            }
        }
        if self.choice() % 32 == 31 {
            given.insert("another".to_owned(), json!(1));
        }
        Value::Object(given)
    }

    fn scalar(&mut self, name: &str) -> Value {
        let choice = self.choice();
        match name {
            "Int" => json!(*self.pick(&[1, 0, -1, 100, 101, i32::MAX, i32::MIN, 1996])),
            "Float" => json!(*self.pick(&[1.0, 0.0, -1.0, 0.005, 100.0, 1e300, f64::MIN])),
            "Boolean" => json!(choice % 2 == 1),
            "Date" => {
                let dates = ["2013-07-15", "0001-01-01", "9999-12-31", "2013-02-30", ""];
                json!(self.pick(&dates))
            }
            "DateTime" => {
                let timestamps = [
                    "2013-07-15T09:30:00Z",
                    "9999-12-31T23:59:59+14:00",
                    "0001-01-01T00:00:00Z",
                    "x",
                ];
                json!(self.pick(&timestamps))
            }
            "ID" if choice % 4 < 3 => {
                let kinds = [
                    IdKind::Film,
                    IdKind::Critic,
                    IdKind::Publication,
                    IdKind::Review,
                    IdKind::ApiToken,
                ];
                let kind = *self.pick(&kinds);
                let key = *self.pick(&[1, 2, 0, -1, i64::MAX, i64::MIN]);
                json!(GlobalId { kind, key }.encode())
            }
            "String" if choice % 4 == 3 => json!(self.cursor()),
            _ => json!(self.text()),
        }
    }

    /// Generates a string of any length, from pieces that have a special meaning somewhere.
    fn text(&mut self) -> String {
        let pieces = [
            "a",
            "%",
            "\\",
            "'",
            "\0",
            "\n",
            "\u{301}",
            "\u{6f22}",
            "\u{1f600}",
            "\u{202e}",
            " ",
            "-",
            "1/5",
            "\"",
            "\u{130}",
            "https://a.example/",
            "Positive: 3 out of 5\n",
        ];
        let times = *self.pick(&[1, 0, 2, 7, 64, 65, 200, 300, 301, 2_000, 2_001, 10_001]);
        let piece = *self.pick(&pieces);
        let end = *self.pick(&pieces);
        piece.repeat(times) + end
    }

    fn cursor(&mut self) -> String {
        let orders = [
            ("title", KeyKind::Text, false),
            ("added", KeyKind::None, true),
            ("score", KeyKind::Number, true),
            ("date", KeyKind::Date, true),
            ("name", KeyKind::Text, false),
            ("reviewCount", KeyKind::Number, false),
        ];
        let (name, kind, nullable) = *self.pick(&orders);
        let direction = *self.pick(&[Direction::Ascending, Direction::Descending]);
        let order = OrderTag {
            name,
            kind,
            is_nullable: nullable,
            direction,
        };
        let key = match kind {
            KeyKind::None => SortKey::Missing,
            KeyKind::Number => SortKey::Number(*self.pick(&[0, 80, -1, i64::MAX, i64::MIN])),
            KeyKind::Text => SortKey::Text(self.text()),
            KeyKind::Date => {
                SortKey::Date(*self.pick(&[NaiveDate::default(), NaiveDate::MIN, NaiveDate::MAX]))
            }
        };
        let id = *self.pick(&[1, 0, -1, i64::MAX, i64::MIN]);
        Position { key, id }.to_cursor(order)
    }

    fn value_of_another_type(&mut self) -> Value {
        let deep = |times: usize| (0..times).fold(json!([]), |value, _| json!([value]));
        match self.choice() % 8 {
            0 => json!(true),
            1 => json!(1e300),
            2 => json!(i64::MIN),
            3 => json!({}),
            4 => json!({"a": {"b": []}}),
            5 => deep(20),
            6 => deep(40),
            _ => json!(self.text()),
        }
    }
}
