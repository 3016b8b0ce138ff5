//! Checks that no null gets from a variable to a position that allows none.
//!
//! A variable of a nullable type may be used at a position of a non-null type if the variable or the position has a
//! default. Such a variable can be null all the same. The specification reports that when the field or the directive is
//! executed. It is checked for the whole operation before, so that no mutation runs before the error.

use async_graphql::{Name, Positioned, ServerError, parser::types::BaseType, parser::types::Type};
use async_graphql_value::Value;

use super::super::{
    schema::{
        Schema,
        types::{Input, Kind},
    },
    variables::{Constant, values::Values},
};

pub(super) struct Positions<'a> {
    pub(super) schema: &'a Schema,
    pub(super) values: &'a Values,
}

/// A null at a position that allows none.
struct InvalidNull {
    /// The variable that the null comes from; `None` for a position that has no value.
    variable: Option<Name>,
    /// The path from the argument to the position, the innermost segment first.
    path: Vec<String>,
    reason: String,
}

impl Positions<'_> {
    /// Checks the argument of a field or a directive. `literal` is `None` if it isn't given.
    pub(super) fn check(
        &self,
        definition: &Input,
        literal: Option<&Positioned<Value>>,
    ) -> Option<ServerError> {
        let node = literal.map(|literal| &literal.node);
        let mut invalid = self.check_input(definition, node).err()?;
        invalid.path.push(definition.name.clone());
        invalid.path.reverse();
        let InvalidNull {
            variable,
            path,
            reason,
        } = invalid;
        let path = path.join(".");
        let message = match variable {
            Some(variable) => {
                let state = match self.values.get(&variable) {
                    Some(_) => "is null",
                    None => "has no value",
                };
                format!(
                    "the variable \"${variable}\" {state}, but is used as \"{path}\", which {reason}"
                )
            }
            None => format!("\"{path}\" {reason}"),
        };
        Some(ServerError::new(
            message,
            literal.map(|literal| literal.pos),
        ))
    }

    /// Checks an argument or a field of an input object. A variable without a value counts as an input that is not
    /// given.
    fn check_input(&self, definition: &Input, literal: Option<&Value>) -> Result<(), InvalidNull> {
        let ty = &definition.ty;
        let missing = literal.and_then(|literal| self.missing_variable(literal));
        match literal {
            Some(literal) if missing.is_none() => self.check_value(ty, literal),
            _ if ty.nullable || definition.has_default => Ok(()),
            _ => Err(InvalidNull::of_type(missing, ty)),
        }
    }

    fn missing_variable(&self, literal: &Value) -> Option<Name> {
        match literal {
            Value::Variable(name) if self.values.get(name).is_none() => Some(name.clone()),
            _ => None,
        }
    }

    fn check_value(&self, ty: &Type, literal: &Value) -> Result<(), InvalidNull> {
        match (literal, &ty.base) {
            (Value::Variable(name), _) => match self.values.get(name) {
                None | Some(Constant::Null) if !ty.nullable => {
                    Err(InvalidNull::of_type(Some(name.clone()), ty))
                }
                _ => Ok(()),
            },
            (Value::List(items), BaseType::List(inner)) => {
                items.iter().enumerate().try_for_each(|(index, item)| {
                    let checked = self.check_value(inner, item);
                    checked.map_err(|invalid| invalid.below(&index.to_string()))
                })
            }
            (literal, BaseType::List(inner)) => self.check_value(inner, literal),
            (Value::Object(given), BaseType::Named(name)) => {
                let Some(Kind::Input { fields, one_of }) =
                    self.schema.find(name).map(|ty| &ty.kind)
                else {
                    return Ok(());
                };
                for field in fields {
                    let literal = given.get(field.name.as_str());
                    let checked = self.check_input(field, literal);
                    checked.map_err(|invalid| invalid.below(&field.name))?;
                }
                if *one_of {
                    self.check_one_of(name, given.iter())?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Checks that exactly one field of a `@oneOf` input object is given, and not null. Its fields have nullable types.
    fn check_one_of<'g>(
        &self,
        name: &str,
        given: impl Iterator<Item = (&'g Name, &'g Value)>,
    ) -> Result<(), InvalidNull> {
        for (field, literal) in given {
            if let Value::Variable(variable) = literal
                && matches!(self.values.get(variable), None | Some(Constant::Null))
            {
                let invalid = InvalidNull {
                    variable: Some(variable.clone()),
                    path: Vec::new(),
                    reason: format!(
                        "must not be null, because \"{name}\" needs exactly one of its fields"
                    ),
                };
                return Err(invalid.below(field));
            }
        }
        Ok(())
    }
}

impl InvalidNull {
    fn of_type(variable: Option<Name>, ty: &Type) -> Self {
        Self {
            variable,
            path: Vec::new(),
            reason: format!("is of the type \"{ty}\" and must not be null"),
        }
    }

    fn below(mut self, segment: &str) -> Self {
        self.path.push(segment.to_owned());
        self
    }
}
