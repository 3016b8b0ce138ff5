//! Scalars of the schema's own: which values they take.
//!
//! A scalar is known by the address of its specification (`@specifiedBy`); one that has none, or another, takes any value.

use std::borrow::Cow;

use bluejay_core::{
    Directive, Value, ValueReference,
    definition::{HasDirectives, ScalarTypeDefinition},
};
use bluejay_parser::ast::definition::{Context, CustomScalarTypeDefinition};

use super::all;
use crate::graphql::scalar::wrong_text;

/// Holds values against the specifications of scalars.
#[derive(Debug)]
pub struct Scalars;

impl Context for Scalars {
    fn coerce_custom_scalar_input<const CONST: bool>(
        scalar: &CustomScalarTypeDefinition<Self>,
        value: &impl Value<CONST>,
    ) -> Result<(), Cow<'static, str>> {
        let text = match value.as_ref() {
            ValueReference::Variable(_) | ValueReference::Null => return Ok(()),
            ValueReference::String(text) => Some(text),
            _ => None,
        };
        for directive in all(scalar.directives()) {
            if directive.name() != "specifiedBy" {
                continue;
            }
            for argument in all(directive.arguments()) {
                if let ValueReference::String(url) = argument.value().as_ref()
                    && let Some(wrong) = wrong_text(url, text)
                {
                    return Err(format!("No value of `{}`: {wrong}", scalar.name()).into());
                }
            }
        }
        Ok(())
    }
}
