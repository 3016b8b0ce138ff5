//! The coerced values of variables, and the arguments that contain them.

use std::{cell::Cell, collections::HashMap};

use async_graphql::Name;
use async_graphql_value::Value as Literal;

use super::Constant;
use crate::{document::limits::LimitExceeded, error::code};

/// The coerced values of variables by name. A variable without a value and without a default has no entry.
///
/// Each use of an argument copies it, including the values of its variables. A large argument in a fragment that is
/// spread often would multiply its memory, so the copied bytes are counted and bounded.
#[derive(Debug, Default)]
pub struct Values {
    by_name: HashMap<Name, SizedValue>,
    /// Whether a variable is null or has no value.
    has_null: bool,
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

impl Values {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    pub(super) fn insert(&mut self, name: &Name, value: Constant) {
        let bytes = bytes_of(&value);
        self.has_null |= matches!(value, Constant::Null);
        self.by_name
            .insert(name.clone(), SizedValue { value, bytes });
    }

    /// Records that a variable has neither a value nor a default.
    pub(super) fn record_missing(&mut self) {
        self.has_null = true;
    }

    /// Returns whether a variable of the operation is null or has no value.
    pub fn has_null(&self) -> bool {
        self.has_null
    }

    /// Returns the value of a variable; `None` if it has none.
    pub fn get(&self, name: &Name) -> Option<&Constant> {
        self.by_name.get(name).map(|value| &value.value)
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
