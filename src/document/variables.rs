//! The values of an operation's variables: held against their types, defaults filled in.

use std::collections::HashMap;

use async_graphql::{
    Name, Number, Pos, ServerError,
    parser::types::{BaseType, OperationDefinition, Type},
};
use async_graphql_value::Value as Literal;
use serde_json::{Map, Number as JsonNumber, Value};

use super::{
    limits::{Exceeded, Limits},
    rejection::{Rejection, Stage},
    schema::{Input, Kind, Schema},
};
use crate::{error::code, graphql::scalar::wrong_text};

/// A value without variables.
pub type Constant = async_graphql::Value;

/// The values of variables by name. One that wasn't given and has no default is not among them.
pub type Values = HashMap<Name, Constant>;

/// How many errors are told.
const ERRORS: usize = 20;

/// Coerces what was given as the specification has it (section 6.1.2). What isn't declared is passed over.
///
/// # Errors
///
/// When it is above a limit, or a value doesn't fit its type.
pub fn coerce(
    schema: &Schema,
    operation: &OperationDefinition,
    given: &Map<String, Value>,
    limits: &Limits,
) -> Result<Values, Rejection> {
    check_size(given, limits)?;
    let mut values = Values::new();
    let mut errors = Vec::new();
    for definition in &operation.variable_definitions {
        let variable = &definition.node;
        let name = &variable.name.node;
        let value = given.get(name.as_str());
        if value.is_none() {
            if let Some(default) = &variable.default_value {
                values.insert(name.clone(), default.node.clone());
                continue;
            }
            if variable.var_type.node.nullable {
                continue;
            }
        }
        let mut coercion = Coercion {
            schema,
            path: vec![name.to_string()],
            wrong: Vec::new(),
        };
        let value = coercion.value(&variable.var_type.node, value.unwrap_or(&Value::Null));
        match value {
            Some(value) if coercion.wrong.is_empty() => {
                values.insert(name.clone(), value);
            }
            _ => errors.extend(
                coercion
                    .wrong
                    .into_iter()
                    .map(|message| error(message, definition.pos)),
            ),
        }
    }
    if errors.is_empty() {
        return Ok(values);
    }
    errors.truncate(ERRORS);
    Err(Rejection::new(Stage::Variables, errors))
}

fn error(message: String, pos: Pos) -> ServerError {
    ServerError::new(message, Some(pos))
}

fn check_size(given: &Map<String, Value>, limits: &Limits) -> Result<(), Exceeded> {
    let (bytes, depth) = given
        .values()
        .map(size)
        .fold((0, 0), |(bytes, depth), (more, deep)| {
            (bytes + more, deep.max(depth))
        });
    let what = "bytes of the variables";
    let (code, limit) = (code::VARIABLES_TOO_LARGE, limits.variable_bytes);
    Exceeded::check(code, what, limit, bytes)?;
    let what = "lists and objects in one another in the variables";
    Exceeded::check(code, what, limits.variable_depth, depth)
}

/// About how many bytes a value has as JSON, and how deep it is. JSON is read to a depth of 128 at most.
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
    path: Vec<String>,
    wrong: Vec<String>,
}

impl Coercion<'_> {
    /// The value as its type has it; `None` if it doesn't fit, which is then noted.
    fn value(&mut self, ty: &Type, value: &Value) -> Option<Constant> {
        if value.is_null() {
            if ty.nullable {
                return Some(Constant::Null);
            }
            return self.wrong(&format!("is of the type \"{ty}\" and needs a value"));
        }
        match (&ty.base, value) {
            (BaseType::List(inner), Value::Array(items)) => {
                let mut coerced = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    self.path.push(index.to_string());
                    let item = self.value(inner, item);
                    self.path.pop();
                    if self.wrong.len() >= ERRORS {
                        return None;
                    }
                    coerced.extend(item);
                }
                Some(Constant::List(coerced))
            }
            (BaseType::List(inner), value) => {
                let item = self.value(inner, value)?;
                Some(Constant::List(vec![item]))
            }
            (BaseType::Named(name), value) => self.named(name.as_str(), value),
        }
    }

    fn named(&mut self, name: &str, value: &Value) -> Option<Constant> {
        let schema = self.schema;
        match schema.find(name).map(|ty| &ty.kind) {
            Some(Kind::Enum(values)) => match value.as_str() {
                Some(value) if values.contains(value) => Some(Constant::Enum(Name::new(value))),
                _ => self.wrong(&format!("takes a value of the enum \"{name}\"")),
            },
            Some(Kind::Input { fields, one_of }) => self.input(name, fields, *one_of, value),
            Some(Kind::Scalar(Some(url))) => match wrong_text(url, value.as_str()) {
                Some(wrong) => self.wrong(wrong),
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
            return self.wrong(match name {
                "Int" => "takes a whole number of 32 bits",
                "Float" => "takes a number",
                "String" => "takes a text",
                "Boolean" => "takes true or false",
                _ => "takes a text or a whole number",
            });
        }
        coerced
    }

    fn input(
        &mut self,
        name: &str,
        fields: &[Input],
        one_of: bool,
        value: &Value,
    ) -> Option<Constant> {
        let Value::Object(given) = value else {
            return self.wrong(&format!("takes an object of the type \"{name}\""));
        };
        for key in given.keys() {
            if !fields.iter().any(|field| field.name == *key) {
                let key: String = key.chars().take(40).collect();
                self.wrong(&format!("has the field \"{key}\", which \"{name}\" hasn't"));
            }
        }
        if one_of && (given.len() != 1 || given.values().any(Value::is_null)) {
            return self.wrong(&format!(
                "takes exactly one field of \"{name}\", and not null"
            ));
        }
        let mut object = Vec::new();
        for field in fields {
            let value = given.get(&field.name);
            if value.is_none() && (field.has_default || field.ty.nullable) {
                continue;
            }
            self.path.push(field.name.clone());
            let value = self.value(&field.ty, value.unwrap_or(&Value::Null));
            self.path.pop();
            if let Some(value) = value {
                object.push((Name::new(&field.name), value));
            }
        }
        Some(Constant::Object(object.into_iter().collect()))
    }

    fn wrong(&mut self, what: &str) -> Option<Constant> {
        if self.wrong.len() < ERRORS {
            let (variable, path) = self
                .path
                .split_first()
                .map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
            let place = if path.is_empty() {
                String::new()
            } else {
                format!(" at \"{}\"", path.join("."))
            };
            self.wrong
                .push(format!("the variable \"${variable}\"{place} {what}"));
        }
        None
    }
}

/// JSON knows no whole numbers: `1.0` is the same as `1`.
fn integer(number: &JsonNumber) -> Option<i32> {
    if let Some(integer) = number.as_i64() {
        return i32::try_from(integer).ok();
    }
    let float = number.as_f64()?;
    let fits = float.fract() == 0.0 && (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&float);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it is a whole number in range"
    )]
    fits.then_some(float as i32)
}

fn number_of(number: &JsonNumber) -> Option<Number> {
    number.as_i64().map(Number::from)
}

/// A value of a scalar that takes any.
fn constant(value: &Value) -> Option<Constant> {
    Constant::from_json(value.clone()).ok()
}

/// A literal in which variables have their values. `None` for a variable that has none.
pub fn resolve(literal: &Literal, values: &Values) -> Option<Literal> {
    Some(match literal {
        Literal::Variable(name) => values.get(name)?.clone().into_value(),
        Literal::List(items) => {
            let items = items.iter();
            let items = items.map(|item| resolve(item, values).unwrap_or(Literal::Null));
            Literal::List(items.collect())
        }
        Literal::Object(fields) => {
            let fields = fields
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), resolve(value, values)?)));
            Literal::Object(fields.collect())
        }
        literal => literal.clone(),
    })
}
