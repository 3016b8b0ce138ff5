//! Coerces the values of an operation's variables and applies their defaults.

use std::{
    cell::Cell,
    collections::HashMap,
    fmt::{self, Write},
};

use async_graphql::{
    Name, Number, Pos, ServerError,
    parser::types::{BaseType, OperationDefinition, Type},
};
use async_graphql_value::Value as Literal;
use serde_json::{Map, Number as JsonNumber, Value};

use super::{
    bounds::REPETITION_FACTOR,
    error::{DocumentError, Stage},
    limits::{LimitExceeded, Limits},
    schema::{Input, Kind, Schema, base_type_name},
};
use crate::{
    error::{code, limit_extensions},
    graphql::scalar::check_scalar,
};

/// A value without variables.
pub type Constant = async_graphql::Value;

/// The coerced values of variables by name. A variable without a value and without a default has no entry.
///
/// Each use of an argument copies it, including the values of its variables. A large argument in a fragment that is
/// spread often would multiply its memory, so the copied bytes are counted and bounded.
#[derive(Debug, Default)]
pub struct Values {
    by_name: HashMap<Name, SizedValue>,
    /// The bytes of copied arguments.
    copied_bytes: Cell<usize>,
    limit: usize,
}

/// A value with its approximate size as JSON.
#[derive(Debug)]
struct SizedValue {
    value: Constant,
    bytes: usize,
}

/// The most errors that are reported.
const MAX_ERRORS: usize = 20;

/// Coerces the values of variables, by section 6.1.2 of the specification. Undeclared variables are ignored.
///
/// # Errors
///
/// When the variables exceed a limit, or a value is invalid for its type.
pub fn coerce(
    schema: &Schema,
    operation: &OperationDefinition,
    given: &Map<String, Value>,
    limits: &Limits,
) -> Result<Values, DocumentError> {
    check_size(given, limits)?;
    let mut values = Values::new(limits.variable_bytes.max(limits.bytes));
    let mut errors = Vec::new();
    for definition in &operation.variable_definitions {
        let variable = &definition.node;
        let name = &variable.name.node;
        let value = given.get(name.as_str());
        if value.is_none() {
            if let Some(default) = &variable.default_value {
                values.insert(name, default.node.clone());
                continue;
            }
            if variable.var_type.node.nullable {
                continue;
            }
        }
        let mut coercion = Coercion {
            schema,
            path: vec![PathSegment::Name(name.as_str())],
            errors: Vec::new(),
            exceeded: None,
        };
        let ty = &variable.var_type.node;
        let most = schema.max_list_length(base_type_name(ty));
        let value = coercion.value(ty, most, value.unwrap_or(&Value::Null));
        if let Some(exceeded) = coercion.exceeded {
            return Err(exceeded.at(definition.pos));
        }
        match value {
            Some(value) if coercion.errors.is_empty() => {
                values.insert(name, value);
            }
            _ => errors.extend(
                coercion
                    .errors
                    .into_iter()
                    .map(|message| error(message, definition.pos)),
            ),
        }
    }
    if errors.is_empty() {
        return Ok(values);
    }
    errors.truncate(MAX_ERRORS);
    Err(DocumentError::new(Stage::Variables, errors))
}

fn error(message: String, pos: Pos) -> ServerError {
    ServerError::new(message, Some(pos))
}

fn check_size(given: &Map<String, Value>, limits: &Limits) -> Result<(), LimitExceeded> {
    let (bytes, depth) = given
        .values()
        .map(size)
        .fold((0, 0), |(bytes, depth), (more, deep)| {
            (bytes + more, deep.max(depth))
        });
    let bytes = given.keys().fold(bytes, |bytes, name| bytes + name.len());
    let what = "bytes of the variables";
    let (code, limit) = (code::VARIABLES_TOO_LARGE, limits.variable_bytes);
    LimitExceeded::check(code, what, limit, bytes)?;
    let what = "nested lists and objects in the variables";
    LimitExceeded::check(code, what, limits.variable_depth, depth)
}

/// Returns the approximate size of a value as JSON in bytes, and its depth. The JSON parser bounds the depth by 128.
fn size(value: &Value) -> (usize, usize) {
    let sum = |(bytes, depth): (usize, usize), (more, deep): (usize, usize)| {
        (bytes + more + 1, deep.max(depth))
    };
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => (4, 0),
        Value::String(text) => (text.len() + 2, 0),
        Value::Array(items) => {
            let (bytes, depth) = items.iter().map(size).fold((2, 0), sum);
            (bytes, depth + 1)
        }
        Value::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| {
                let (bytes, depth) = size(value);
                (bytes + key.len() + 3, depth)
            });
            let (bytes, depth) = fields.fold((2, 0), sum);
            (bytes, depth + 1)
        }
    }
}

struct Coercion<'a> {
    schema: &'a Schema,
    path: Vec<PathSegment<'a>>,
    errors: Vec<String>,
    /// A list with more values than any argument accepts. It stops the coercion.
    exceeded: Option<TooManyValues>,
}

/// A segment of the path to a value.
#[derive(Clone, Copy)]
enum PathSegment<'a> {
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
struct TooManyValues {
    path: String,
    limit: usize,
    value: usize,
}

impl TooManyValues {
    fn at(self, pos: Pos) -> DocumentError {
        let Self {
            path: place,
            limit,
            value,
        } = self;
        let message = format!("{place} has {value} values, and at most {limit} are allowed");
        let mut error = error(message, pos);
        let code = code::TOO_MANY_VALUES;
        error.extensions = Some(limit_extensions(code, limit, Some(value)));
        DocumentError::single(Stage::Limits, error)
    }
}

impl<'a> Coercion<'a> {
    /// Coerces a value to its type; records an error and returns `None` if it is invalid. A list may have `most`
    /// different values.
    fn value(&mut self, ty: &'a Type, most: usize, value: &Value) -> Option<Constant> {
        if value.is_null() {
            if ty.nullable {
                return Some(Constant::Null);
            }
            return self.reject(&format!("is of the type \"{ty}\" and must not be null"));
        }
        match (&ty.base, value) {
            (BaseType::List(inner), Value::Array(items)) => self.list(inner, most, items),
            (BaseType::List(inner), value) => {
                let item = self.value(inner, most, value)?;
                Some(Constant::List(vec![item]))
            }
            (BaseType::Named(name), value) => self.named(name.as_str(), value),
        }
    }

    fn list(&mut self, inner: &'a Type, most: usize, items: &[Value]) -> Option<Constant> {
        let limit = most.saturating_mul(REPETITION_FACTOR);
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
            let item = self.value(inner, most, item);
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
                Some(wrong) => self.reject(wrong),
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
        let Value::Object(given) = value else {
            return self.reject(&format!("must be an object of the type \"{name}\""));
        };
        for key in given.keys() {
            if !fields.iter().any(|field| field.name == *key) {
                let key: String = key.chars().take(40).collect();
                self.reject(&format!(
                    "has the field \"{key}\", which isn't a field of \"{name}\""
                ));
            }
        }
        if one_of && (given.len() != 1 || given.values().any(Value::is_null)) {
            return self.reject(&format!(
                "must have exactly one field of \"{name}\", and its value must not be null"
            ));
        }
        let mut object = Vec::new();
        for field in fields {
            let value = given.get(&field.name);
            if value.is_none() && (field.has_default || field.ty.nullable) {
                continue;
            }
            self.path.push(PathSegment::Name(&field.name));
            let most = field.bound.items.unwrap_or(usize::MAX);
            let value = self.value(&field.ty, most, value.unwrap_or(&Value::Null));
            self.path.pop();
            if self.exceeded.is_some() {
                return None;
            }
            if let Some(value) = value {
                object.push((Name::new(&field.name), value));
            }
        }
        Some(Constant::Object(object.into_iter().collect()))
    }

    fn reject(&mut self, what: &str) -> Option<Constant> {
        if self.errors.len() < MAX_ERRORS {
            let place = self.describe_path();
            self.errors.push(format!("{place} {what}"));
        }
        None
    }

    /// Describes the variable and the path of the current value, for messages.
    fn describe_path(&self) -> String {
        let Some((variable, path)) = self.path.split_first() else {
            return String::new();
        };
        let mut place = format!("the variable \"${variable}\"");
        for (number, step) in path.iter().enumerate() {
            let before = if number == 0 { " at \"" } else { "." };
            // Writing to a `String` can't fail.
            let _ = write!(place, "{before}{step}");
        }
        if !path.is_empty() {
            place.push('"');
        }
        place
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

impl Values {
    fn new(limit: usize) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    fn insert(&mut self, name: &Name, value: Constant) {
        let bytes = bytes_of(&value);
        self.by_name
            .insert(name.clone(), SizedValue { value, bytes });
    }

    /// Returns a copy of a literal with the values of its variables; `None` for a variable without a value. Once the
    /// copies exceed the limit (see [`Self::check_copied`]), the result is null.
    pub fn resolve(&self, literal: &Literal) -> Option<Literal> {
        if self.copied_bytes.get() > self.limit {
            return Some(Literal::Null);
        }
        Some(match literal {
            Literal::Variable(name) => {
                let SizedValue { value, bytes } = self.by_name.get(name)?;
                if self.count_bytes(*bytes) {
                    value.clone().into_value()
                } else {
                    Literal::Null
                }
            }
            Literal::List(items) => {
                let mut copy = Vec::new();
                for item in items {
                    if !self.count_bytes(1) {
                        break;
                    }
                    copy.push(self.resolve(item).unwrap_or(Literal::Null));
                }
                Literal::List(copy)
            }
            Literal::Object(fields) => {
                let fields = fields
                    .iter()
                    .filter_map(|(name, value)| Some((name.clone(), self.resolve(value)?)));
                Literal::Object(fields.collect())
            }
            Literal::String(text) if !self.count_bytes(text.len()) => Literal::Null,
            literal => literal.clone(),
        })
    }

    /// Counts bytes before they are copied. Returns whether the total is within the limit.
    fn count_bytes(&self, bytes: usize) -> bool {
        let copied = self.copied_bytes.get().saturating_add(bytes);
        self.copied_bytes.set(copied);
        copied <= self.limit
    }

    /// Checks the total of the copied bytes, after all arguments are resolved.
    ///
    /// # Errors
    ///
    /// `VARIABLES_TOO_LARGE` when the total exceeds both the limit of the variables' bytes and that of the document's
    /// bytes.
    pub fn check_copied(&self) -> Result<(), LimitExceeded> {
        if self.copied_bytes.get() <= self.limit {
            return Ok(());
        }
        Err(LimitExceeded {
            code: code::VARIABLES_TOO_LARGE,
            quantity: "bytes of arguments, with variables and fragments expanded",
            limit: self.limit,
            // Counting stops at the limit.
            value: None,
        })
    }
}

/// Returns the approximate size of a value as JSON, in bytes.
fn bytes_of(value: &Constant) -> usize {
    match value {
        Constant::Null | Constant::Boolean(_) | Constant::Number(_) => 4,
        Constant::String(text) => text.len() + 2,
        Constant::Enum(name) => name.len() + 2,
        Constant::Binary(bytes) => bytes.len(),
        Constant::List(items) => items.iter().map(|item| bytes_of(item) + 1).sum::<usize>() + 2,
        Constant::Object(fields) => {
            let fields = fields.iter();
            let fields = fields.map(|(name, value)| name.len() + 4 + bytes_of(value));
            fields.sum::<usize>() + 2
        }
    }
}
