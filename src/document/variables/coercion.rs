//! The coercion of one value to its type.

use std::fmt::{self, Write};

use async_graphql::{
    Name, Number, Pos,
    parser::types::{BaseType, Type},
};
use serde_json::{Number as JsonNumber, Value};

use super::{Constant, MAX_ERRORS, error};
use crate::{
    document::{
        bounds::REPETITION_FACTOR,
        error::{DocumentError, Stage},
        schema::{
            Schema,
            types::{Input, Kind},
        },
    },
    error::{code, limit_extensions},
    graphql::scalar::check_scalar,
};

pub(super) struct Coercion<'a> {
    pub(super) schema: &'a Schema,
    pub(super) path: Vec<PathSegment<'a>>,
    pub(super) errors: Vec<String>,
    /// A list with more values than any argument accepts. It stops the coercion.
    pub(super) exceeded: Option<TooManyValues>,
}

/// A segment of the path to a value.
#[derive(Clone, Copy)]
pub(super) enum PathSegment<'a> {
    Name(&'a str),
    Index(usize),
}

impl fmt::Display for PathSegment<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => formatter.write_str(name),
            Self::Index(index) => index.fmt(formatter),
        }
    }
}

/// A list that is rejected because of its length, before its values are coerced.
pub(super) struct TooManyValues {
    path: String,
    limit: usize,
    value: usize,
}

impl TooManyValues {
    pub(super) fn at(self, pos: Pos) -> DocumentError {
        let Self { path, limit, value } = self;
        let message = format!("{path} has {value} values, and at most {limit} are allowed");
        let mut error = error(message, pos);
        let code = code::TOO_MANY_VALUES;
        error.extensions = Some(limit_extensions(code, limit, Some(value)));
        DocumentError::single(Stage::Limits, error)
    }
}

impl<'a> Coercion<'a> {
    /// Coerces a value to its type; records an error and returns `None` if it is invalid. A list may have `max_items`
    /// different values.
    pub(super) fn value(
        &mut self,
        ty: &'a Type,
        max_items: usize,
        value: &Value,
    ) -> Option<Constant> {
        if value.is_null() {
            if ty.nullable {
                return Some(Constant::Null);
            }
            return self.reject(&format!("is of the type \"{ty}\" and must not be null"));
        }
        match (&ty.base, value) {
            (BaseType::List(inner), Value::Array(items)) => self.list(inner, max_items, items),
            (BaseType::List(inner), value) => {
                let item = self.value(inner, max_items, value)?;
                Some(Constant::List(vec![item]))
            }
            (BaseType::Named(name), value) => self.named(name.as_str(), value),
        }
    }

    fn list(&mut self, inner: &'a Type, max_items: usize, items: &[Value]) -> Option<Constant> {
        let limit = max_items.saturating_mul(REPETITION_FACTOR);
        if items.len() > limit {
            self.exceeded = Some(TooManyValues {
                path: self.describe_path(),
                limit,
                value: items.len(),
            });
            return None;
        }
        let mut coerced = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            self.path.push(PathSegment::Index(index));
            let item = self.value(inner, max_items, item);
            self.path.pop();
            if self.errors.len() >= MAX_ERRORS || self.exceeded.is_some() {
                return None;
            }
            coerced.extend(item);
        }
        Some(Constant::List(coerced))
    }

    fn named(&mut self, name: &'a str, value: &Value) -> Option<Constant> {
        let schema = self.schema;
        match schema.find(name).map(|ty| &ty.kind) {
            Some(Kind::Enum(values)) => match value.as_str() {
                Some(value) if values.contains(value) => Some(Constant::Enum(Name::new(value))),
                _ => self.reject(&format!("must be a value of the enum \"{name}\"")),
            },
            Some(Kind::Input { fields, one_of }) => self.input(name, fields, *one_of, value),
            Some(Kind::Scalar(Some(url))) => match check_scalar(url, value.as_str()) {
                Some(wrong) => self.reject(&wrong),
                None => constant(value),
            },
            Some(Kind::Scalar(None)) => constant(value),
            _ => self.built_in(name, value),
        }
    }

    fn built_in(&mut self, name: &str, value: &Value) -> Option<Constant> {
        let coerced = match (name, value) {
            ("Int", Value::Number(number)) => integer(number).map(Constant::from),
            ("Float", Value::Number(number)) => number
                .as_f64()
                .and_then(Number::from_f64)
                .map(|float| number_of(number).unwrap_or(float))
                .map(Constant::Number),
            ("ID", Value::Number(number)) if !number.is_f64() => {
                Some(Constant::String(number.to_string()))
            }
            ("String" | "ID", Value::String(text)) => Some(Constant::String(text.clone())),
            ("Boolean", Value::Bool(is)) => Some(Constant::Boolean(*is)),
            _ => None,
        };
        if coerced.is_none() {
            return self.reject(match name {
                "Int" => "must be a 32-bit integer",
                "Float" => "must be a number",
                "String" => "must be a string",
                "Boolean" => "must be true or false",
                _ => "must be a string or a 64-bit integer",
            });
        }
        coerced
    }

    fn input(
        &mut self,
        name: &str,
        fields: &'a [Input],
        one_of: bool,
        value: &Value,
    ) -> Option<Constant> {
        let Value::Object(object) = value else {
            return self.reject(&format!("must be an object of the type \"{name}\""));
        };
        for key in object.keys() {
            if !fields.iter().any(|field| field.name == *key) {
                let key: String = key.chars().take(40).collect();
                self.reject(&format!(
                    "has the field \"{key}\", which isn't a field of \"{name}\""
                ));
            }
        }
        if one_of && (object.len() != 1 || object.values().any(Value::is_null)) {
            return self.reject(&format!(
                "must have exactly one field of \"{name}\", and its value must not be null"
            ));
        }
        let mut coerced = Vec::new();
        for field in fields {
            let value = object.get(&field.name);
            if value.is_none() && (field.has_default || field.ty.nullable) {
                continue;
            }
            self.path.push(PathSegment::Name(&field.name));
            let max_items = field.bound.items.unwrap_or(usize::MAX);
            let value = self.value(&field.ty, max_items, value.unwrap_or(&Value::Null));
            self.path.pop();
            if self.exceeded.is_some() {
                return None;
            }
            if let Some(value) = value {
                coerced.push((Name::new(&field.name), value));
            }
        }
        Some(Constant::Object(coerced.into_iter().collect()))
    }

    fn reject(&mut self, problem: &str) -> Option<Constant> {
        if self.errors.len() < MAX_ERRORS {
            let path = self.describe_path();
            self.errors.push(format!("{path} {problem}"));
        }
        None
    }

    /// Describes the variable and the path of the current value, for messages.
    fn describe_path(&self) -> String {
        let Some((variable, path)) = self.path.split_first() else {
            return String::new();
        };
        let mut description = format!("the variable \"${variable}\"");
        for (number, step) in path.iter().enumerate() {
            let before = if number == 0 { " at \"" } else { "." };
            // Writing to a `String` can't fail.
            let _ = write!(description, "{before}{step}");
        }
        if !path.is_empty() {
            description.push('"');
        }
        description
    }
}

/// Converts a JSON number to an `Int`. JSON doesn't distinguish integers from floats: `1.0` is the same number as `1`.
fn integer(number: &JsonNumber) -> Option<i32> {
    if let Some(integer) = number.as_i64() {
        return i32::try_from(integer).ok();
    }
    let float = number.as_f64()?;
    let fits = float.fract() == 0.0 && (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&float);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the value is an integer in range"
    )]
    fits.then_some(float as i32)
}

fn number_of(number: &JsonNumber) -> Option<Number> {
    number.as_i64().map(Number::from)
}

/// Converts a JSON value for a scalar that accepts any value.
fn constant(value: &Value) -> Option<Constant> {
    Constant::from_json(value.clone()).ok()
}
