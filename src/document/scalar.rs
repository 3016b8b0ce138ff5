//! Checks literals of custom scalars.
//!
//! The URL of its specification (`@specifiedBy`) identifies a scalar. A scalar without a URL, or with an unknown one,
//! accepts any value.

use std::borrow::Cow;

use bluejay_core::{
    Directive, Value, ValueReference,
    definition::{HasDirectives, ScalarTypeDefinition},
};
use bluejay_parser::ast::definition::{Context, CustomScalarTypeDefinition};

use super::iter_optional;
use crate::graphql::scalar::check_scalar;

/// Validates values against the specifications of their scalars.
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
        for directive in iter_optional(scalar.directives()) {
            if directive.name() != "specifiedBy" {
                continue;
            }
            for argument in iter_optional(directive.arguments()) {
                if let ValueReference::String(url) = argument.value().as_ref()
                    && let Some(problem) = check_scalar(url, text)
                {
                    return Err(format!("Invalid value for `{}`: {problem}", scalar.name()).into());
                }
            }
        }
        Ok(())
    }
}
