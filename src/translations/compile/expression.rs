//! Variables, functions, references and selections within a message.

use std::fmt;

use fluent_syntax::ast::{
    CallArguments, Expression, InlineExpression, Pattern as Parsed, Variant, VariantKey,
};
use icu_plurals::PluralCategory;

use super::{Entries, MAX_REFERENCES, MessageCompiler, similar};
use crate::translations::{
    error::quoted,
    message::{MessageId, Variable},
    pattern::{Key, Pattern, Piece},
};

/// The only function that labels need. It formats a number.
const NUMBER: &str = "NUMBER";

/// The only option of [`NUMBER`].
const USE_GROUPING: &str = "useGrouping";

/// Returns a part of the text at which an expression stands.
pub(super) fn slice_of<'a>(inline: &InlineExpression<&'a str>) -> &'a str {
    match inline {
        InlineExpression::StringLiteral { value } | InlineExpression::NumberLiteral { value } => {
            value
        }
        InlineExpression::FunctionReference { id, .. }
        | InlineExpression::MessageReference { id, .. }
        | InlineExpression::TermReference { id, .. }
        | InlineExpression::VariableReference { id } => id.name,
        InlineExpression::Placeable { expression } => match &**expression {
            Expression::Inline(inline)
            | Expression::Select {
                selector: inline, ..
            } => slice_of(inline),
        },
    }
}

impl<'a> MessageCompiler<'a, '_> {
    /// Returns the variable of a reference or of a call of `NUMBER`, and whether its digits are grouped.
    pub(super) fn variable(
        &mut self,
        inline: &'a InlineExpression<&'a str>,
    ) -> Option<(Variable, bool)> {
        match inline {
            InlineExpression::VariableReference { id } => {
                Some((self.variable_of_name(id.name)?, true))
            }
            InlineExpression::FunctionReference { id, arguments } if id.name == NUMBER => {
                self.number(id.name, arguments)
            }
            InlineExpression::FunctionReference { id, .. } => {
                let problem = format!(
                    "uses the function `{}`, which doesn't exist; the only one is `{NUMBER}`",
                    quoted(id.name)
                );
                self.add_error(id.name, problem);
                None
            }
            other => {
                let problem = "selects by something that isn't a variable".to_owned();
                self.add_error(slice_of(other), problem);
                None
            }
        }
    }

    fn variable_of_name(&mut self, name: &'a str) -> Option<Variable> {
        let variables = self.id.variables();
        let variable = Variable::of_name(name).filter(|variable| variables.contains(variable));
        if let Some(variable) = variable {
            if !self.used.contains(&variable) {
                self.used.push(variable);
            }
            return Some(variable);
        }
        let names: Vec<_> = variables
            .iter()
            .map(|variable| format!("`${}`", variable.name()))
            .collect();
        let known = if names.is_empty() {
            "it has no variables".to_owned()
        } else {
            format!("it has {}", names.join(" and "))
        };
        let problem = format!("uses the unknown variable `${}`; {known}", quoted(name));
        self.add_error(name, problem);
        None
    }

    fn number(
        &mut self,
        slice: &'a str,
        arguments: &'a CallArguments<&'a str>,
    ) -> Option<(Variable, bool)> {
        let [InlineExpression::VariableReference { id }] = &arguments.positional[..] else {
            let problem =
                format!("calls `{NUMBER}` without a variable; write `{NUMBER}($variable)`");
            self.add_error(slice, problem);
            return None;
        };
        let variable = self.variable_of_name(id.name)?;
        if variable == Variable::Verdict {
            let problem = "formats `$verdict` as a number, and it is a text".to_owned();
            self.add_error(slice, problem);
            return None;
        }
        let mut is_grouped = true;
        for argument in &arguments.named {
            let name = argument.name.name;
            let value = match &argument.value {
                InlineExpression::StringLiteral { value }
                | InlineExpression::NumberLiteral { value } => *value,
                _ => "",
            };
            match (name, value) {
                (USE_GROUPING, "true" | "1") => is_grouped = true,
                (USE_GROUPING, "false" | "0") => is_grouped = false,
                (USE_GROUPING, _) => {
                    let problem = format!("`{USE_GROUPING}` is \"true\" or \"false\"");
                    self.add_error(name, problem);
                }
                _ => {
                    let problem = format!(
                        "gives `{NUMBER}` the unknown option `{}`; the only one is `{USE_GROUPING}`",
                        quoted(name)
                    );
                    self.add_error(name, problem);
                }
            }
        }
        Some((variable, is_grouped))
    }

    /// Compiles a selection.
    pub(super) fn select(
        &mut self,
        selector: &'a InlineExpression<&'a str>,
        variants: &'a [Variant<&'a str>],
    ) -> Option<Piece> {
        let slice = slice_of(selector);
        if !self.spend(0, slice) {
            return None;
        }
        let variable = self.variable(selector).map(|(variable, _)| variable);
        if variable == Some(Variable::Verdict) {
            let problem = "selects by `$verdict`, and only a number can select".to_owned();
            self.add_error(slice, problem);
        }
        let mut compiled = Vec::with_capacity(variants.len().min(16));
        let mut default = 0;
        for variant in variants {
            let key = self.key(&variant.key);
            let pattern = self.pattern(&variant.value);
            if variant.default {
                default = compiled.len();
            }
            // The default is chosen by its position, so its key matters to nobody.
            let key = key.unwrap_or(Key::Category(PluralCategory::Other));
            if self.spend(0, slice) {
                compiled.push((key, pattern));
            }
        }
        Some(Piece::Select {
            variable: variable.filter(|variable| *variable != Variable::Verdict)?,
            variants: compiled,
            default,
        })
    }

    fn key(&mut self, key: &VariantKey<&'a str>) -> Option<Key> {
        match key {
            VariantKey::NumberLiteral { value } => {
                let number = value.parse().ok().map(Key::Exactly);
                if number.is_none() {
                    let problem = format!(
                        "selects the number {}, and all numbers are whole and not negative",
                        quoted(value)
                    );
                    self.add_error(value, problem);
                }
                number
            }
            VariantKey::Identifier { name } => {
                let category = PluralCategory::get_for_cldr_string(name);
                let category = category.filter(|category| self.categories.contains(category));
                if category.is_none() {
                    let problem = format!(
                        "selects the plural category `{}`; this language has {}",
                        quoted(name),
                        category_names(self.categories)
                    );
                    self.add_error(name, problem);
                }
                category.map(Key::Category)
            }
        }
    }

    /// Compiles the text of another message or of a term in the place of a reference.
    pub(super) fn reference(
        &mut self,
        inline: &'a InlineExpression<&'a str>,
        pattern: &mut Pattern,
    ) {
        let (reference, is_plain) = match inline {
            InlineExpression::MessageReference { id, attribute } => {
                (Reference::Message(id.name), attribute.is_none())
            }
            InlineExpression::TermReference {
                id,
                attribute,
                arguments,
            } => {
                let is_plain = attribute.is_none() && arguments.is_none();
                (Reference::Term(id.name), is_plain)
            }
            _ => return,
        };
        let name = reference.name();
        if !is_plain {
            let problem = "refers to a text with an attribute or with arguments, which labels don't have; refer to the text alone";
            self.add_error(name, problem.to_owned());
            return;
        }
        if self.references.contains(&reference) || self.references.len() > MAX_REFERENCES {
            let mut cycle = self.references.clone();
            cycle.push(reference);
            let cycle: Vec<_> = cycle.iter().map(Reference::to_string).collect();
            let problem = format!(
                "refers to itself, or through too many others: {}",
                cycle.join(" → ")
            );
            self.add_error(name, problem);
            return;
        }
        match self.entries.find(reference) {
            Some(parsed) => {
                self.references.push(reference);
                let expanded = self.pattern(parsed);
                self.references.pop();
                pattern.append(expanded);
            }
            None => self.inherited(reference, pattern),
        }
    }

    /// Adds the text of a message of the parent language, which the text has not.
    fn inherited(&mut self, reference: Reference<'a>, pattern: &mut Pattern) {
        let name = reference.name();
        let id = match reference {
            Reference::Message(name) => MessageId::of_name(name),
            Reference::Term(_) => None,
        };
        let id = id.filter(|id| id.variables().is_empty());
        if let (Some(id), Some(parent)) = (id, self.parent) {
            let inherited = parent.pattern(id).clone();
            if self.spend(inherited.max_chars(0, 0) * 4, name) {
                pattern.append(inherited);
            }
            return;
        }
        let terms = self.entries.terms.keys();
        let terms: Vec<_> = terms.map(|term| format!("-{term}")).collect();
        let hint = match reference {
            Reference::Term(_) if terms.is_empty() => "the text has no terms".to_owned(),
            Reference::Term(name) => similar(&format!("-{name}"), &terms),
            Reference::Message(_) => similar(name, &MessageId::ALL.map(MessageId::name)),
        };
        let problem = format!("refers to the unknown {reference}; {hint}");
        self.add_error(name, problem);
    }
}

/// A reference to a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reference<'a> {
    /// To a message, by its name.
    Message(&'a str),
    /// To a term, by its name without the `-`.
    Term(&'a str),
}

impl<'a> Reference<'a> {
    fn name(self) -> &'a str {
        match self {
            Self::Message(name) | Self::Term(name) => name,
        }
    }
}

impl fmt::Display for Reference<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(name) => write!(formatter, "`{}`", quoted(name)),
            Self::Term(name) => write!(formatter, "`-{}`", quoted(name)),
        }
    }
}

impl<'a> Entries<'a> {
    fn find(&self, reference: Reference<'a>) -> Option<&'a Parsed<&'a str>> {
        match reference {
            Reference::Message(name) => {
                let mut messages = self.messages.iter();
                let found = messages.find(|(known, _)| *known == name);
                found.map(|(_, parsed)| *parsed)
            }
            Reference::Term(name) => self.terms.get(name).copied(),
        }
    }
}

fn category_names(categories: &[PluralCategory]) -> String {
    let all = [
        (PluralCategory::Zero, "zero"),
        (PluralCategory::One, "one"),
        (PluralCategory::Two, "two"),
        (PluralCategory::Few, "few"),
        (PluralCategory::Many, "many"),
        (PluralCategory::Other, "other"),
    ];
    let names = all
        .iter()
        .filter(|(category, _)| categories.contains(category));
    let names: Vec<_> = names.map(|(_, name)| format!("`{name}`")).collect();
    names.join(", ")
}
