//! Converts the validator's document, which borrows from its text, to an owned one that can be cached and executed.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Number, Positioned,
    parser::types::{
        BaseType, Directive, DocumentOperations, ExecutableDocument as Executable, Field,
        FragmentDefinition, FragmentSpread, InlineFragment, OperationDefinition, OperationType,
        Selection, SelectionSet, Type, TypeCondition, VariableDefinition,
    },
};
use async_graphql_value::Value;
use bluejay_core::{
    AsIter, ObjectValue, OperationType as Kind,
    executable::{
        Field as _, FragmentDefinition as _, FragmentSpread as _, InlineFragment as _,
        OperationDefinition as _, OperationDefinitionReference, Selection as _, SelectionReference,
    },
};
use bluejay_parser::{
    HasSpan, Span,
    ast::{self, executable as parsed},
};

use super::{iter_optional, position::Positions};

/// An operation with its name.
pub type NamedOperation = (Option<Name>, Positioned<OperationDefinition>);

/// A converted document.
#[derive(Debug)]
pub struct Converted {
    /// The operations, in the order of the document.
    pub operations: Vec<NamedOperation>,
    /// The fragments by name.
    pub fragments: HashMap<Name, Positioned<FragmentDefinition>>,
    /// Whether any operation or fragment selects `__schema` or `__type`.
    pub has_introspection: bool,
    /// The duplicate keys of input objects, with their positions.
    pub duplicate_keys: Vec<(String, async_graphql::Pos)>,
}

/// Converts a document.
pub fn convert(text: &str, document: &parsed::ExecutableDocument<'_>) -> Converted {
    let mut converter = Converter {
        positions: Positions::new(text),
        duplicate_keys: Vec::new(),
        has_introspection: false,
    };
    let operations = document.operation_definitions().iter();
    let operations = operations.map(|operation| converter.operation(operation));
    let operations = operations.collect();
    let fragments = document.fragment_definitions().iter();
    let fragments = fragments
        .map(|fragment| converter.fragment(fragment))
        .collect();
    Converted {
        operations,
        fragments,
        has_introspection: converter.has_introspection,
        duplicate_keys: converter.duplicate_keys,
    }
}

/// Returns a document of async-graphql with one operation.
pub fn executable(operation: Positioned<OperationDefinition>) -> Executable {
    Executable {
        operations: DocumentOperations::Single(operation),
        fragments: HashMap::new(),
    }
}

struct Converter<'a> {
    positions: Positions<'a>,
    has_introspection: bool,
    duplicate_keys: Vec<(String, async_graphql::Pos)>,
}

impl Converter<'_> {
    fn at<T>(&self, span: Span, node: T) -> Positioned<T> {
        Positioned::new(node, self.positions.at(span.byte_range().start))
    }

    fn name(&self, name: &impl HasSpan, text: &str) -> Positioned<Name> {
        self.at(*name.span(), Name::new(text))
    }

    fn operation(&mut self, operation: &parsed::OperationDefinition<'_>) -> NamedOperation {
        let (name, variables, directives) = match operation.as_ref() {
            OperationDefinitionReference::Explicit(explicit) => (
                explicit.name().map(|name| Name::new(name.as_ref())),
                self.variables(explicit),
                self.directives(
                    bluejay_core::executable::ExplicitOperationDefinition::directives(explicit),
                ),
            ),
            OperationDefinitionReference::Implicit(_) => (None, Vec::new(), Vec::new()),
        };
        let definition = OperationDefinition {
            ty: match operation.as_ref().operation_type() {
                Kind::Query => OperationType::Query,
                Kind::Mutation => OperationType::Mutation,
                Kind::Subscription => OperationType::Subscription,
            },
            variable_definitions: variables,
            directives,
            selection_set: self.set(operation.as_ref().selection_set()),
        };
        (name, self.at(*operation.span(), definition))
    }

    fn variables(
        &mut self,
        operation: &parsed::ExplicitOperationDefinition<'_>,
    ) -> Vec<Positioned<VariableDefinition>> {
        let definitions =
            bluejay_core::executable::ExplicitOperationDefinition::variable_definitions(operation);
        let definitions = iter_optional(definitions);
        let converted = definitions.map(|definition| {
            let variable = definition.variable();
            let default = definition.default_value().map(|default| {
                let span = *default.span();
                let value = self.value(default).into_const().unwrap_or_default();
                self.at(span, value)
            });
            let node = VariableDefinition {
                name: self.name(variable, variable.name()),
                var_type: self.at(*definition.r#type().span(), ty(definition.r#type())),
                directives: Vec::new(),
                default_value: default,
            };
            self.at(*variable.span(), node)
        });
        converted.collect()
    }

    fn fragment(
        &mut self,
        fragment: &parsed::FragmentDefinition<'_>,
    ) -> (Name, Positioned<FragmentDefinition>) {
        let condition = fragment.type_condition().named_type();
        let node = FragmentDefinition {
            type_condition: self.at(
                *condition.span(),
                TypeCondition {
                    on: self.name(condition, condition.as_ref()),
                },
            ),
            directives: self.directives(fragment.directives()),
            selection_set: self.set(fragment.selection_set()),
        };
        let name = Name::new(fragment.name().as_ref());
        (name, self.at(*fragment.span(), node))
    }

    fn set(&mut self, set: &parsed::SelectionSet<'_>) -> Positioned<SelectionSet> {
        let items = set.iter().map(|selection| self.selection(selection));
        let node = SelectionSet {
            items: items.collect(),
        };
        self.at(*set.span(), node)
    }

    fn selection(&mut self, selection: &parsed::Selection<'_>) -> Positioned<Selection> {
        match selection.as_ref() {
            SelectionReference::Field(field) => {
                let converted = self.field(field);
                let node = self.at(*field.span(), converted);
                self.at(*field.span(), Selection::Field(node))
            }
            SelectionReference::FragmentSpread(spread) => {
                let node = FragmentSpread {
                    fragment_name: self.name(spread.name(), spread.name().as_ref()),
                    directives: self.directives(spread.directives()),
                };
                let node = self.at(*spread.span(), node);
                self.at(*spread.span(), Selection::FragmentSpread(node))
            }
            SelectionReference::InlineFragment(fragment) => {
                let condition = fragment
                    .type_condition()
                    .map(parsed::TypeCondition::named_type);
                let node = InlineFragment {
                    type_condition: condition.map(|condition| {
                        self.at(
                            *condition.span(),
                            TypeCondition {
                                on: self.name(condition, condition.as_ref()),
                            },
                        )
                    }),
                    directives: self.directives(fragment.directives()),
                    selection_set: self.set(fragment.selection_set()),
                };
                let node = self.at(*fragment.span(), node);
                self.at(*fragment.span(), Selection::InlineFragment(node))
            }
        }
    }

    fn field(&mut self, field: &parsed::Field<'_>) -> Field {
        let alias = field
            .alias()
            .map(|alias| self.at(*field.span(), Name::new(alias)));
        self.has_introspection |= ["__schema", "__type"].contains(&field.name().as_ref());
        Field {
            alias,
            name: self.name(field.name(), field.name().as_ref()),
            arguments: self.arguments(field.arguments()),
            directives: self.directives(field.directives()),
            selection_set: match field.selection_set() {
                Some(set) => self.set(set),
                None => self.at(*field.span(), SelectionSet::default()),
            },
        }
    }

    fn directives(
        &mut self,
        directives: Option<&ast::VariableDirectives<'_>>,
    ) -> Vec<Positioned<Directive>> {
        let directives = iter_optional(directives);
        let converted = directives.map(|directive| {
            let node = Directive {
                name: self.name(directive.name(), directive.name().as_ref()),
                arguments: self.arguments(bluejay_core::Directive::arguments(directive)),
            };
            self.at(*directive.span(), node)
        });
        converted.collect()
    }

    fn arguments(
        &mut self,
        arguments: Option<&ast::VariableArguments<'_>>,
    ) -> Vec<(Positioned<Name>, Positioned<Value>)> {
        let arguments = iter_optional(arguments);
        let converted = arguments.map(|argument| {
            let name = self.name(argument.name(), argument.name().as_ref());
            let span = *argument.value().span();
            let value = self.value(argument.value());
            (name, self.at(span, value))
        });
        converted.collect()
    }

    fn value<const CONST: bool>(&mut self, value: &ast::Value<'_, CONST>) -> Value {
        match value {
            ast::Value::Variable(variable) => Value::Variable(Name::new(variable.name())),
            ast::Value::Integer(number) => integer(number.as_ref()),
            ast::Value::Float(number) => {
                Number::from_f64(*number.as_ref()).map_or(Value::Null, Value::Number)
            }
            ast::Value::String(text) => Value::String(text.as_ref().to_owned()),
            ast::Value::Boolean(_) => {
                Value::Boolean(bluejay_core::Value::as_ref(value).as_boolean() == Some(&true))
            }
            ast::Value::Null(_) => Value::Null,
            ast::Value::Enum(name) => Value::Enum(Name::new(name.as_ref())),
            ast::Value::List(list) => {
                Value::List(list.iter().map(|item| self.value(item)).collect())
            }
            ast::Value::Object(object) => {
                let mut keys = HashSet::new();
                for (key, _) in ObjectValue::iter(object) {
                    if !keys.insert(key.as_ref()) {
                        let pos = self.positions.at(key.span().byte_range().start);
                        self.duplicate_keys.push((key.as_ref().to_owned(), pos));
                    }
                }
                let fields = ObjectValue::iter(object)
                    .map(|(key, value)| (Name::new(key.as_ref()), self.value(value)));
                Value::Object(fields.collect())
            }
        }
    }
}

/// Converts an integer literal. One beyond 64 bits becomes a float: it is no valid `Int`, so only `Float` and `ID`
/// accept it.
fn integer(digits: &str) -> Value {
    if let Ok(number) = digits.parse::<i64>() {
        Value::Number(number.into())
    } else {
        digits
            .parse::<f64>()
            .ok()
            .and_then(Number::from_f64)
            .map_or(Value::Null, Value::Number)
    }
}

fn ty(ty: &ast::executable::VariableType<'_>) -> Type {
    use ast::executable::VariableType::{List, Named};
    match ty {
        Named {
            name, is_required, ..
        } => Type {
            base: BaseType::Named(Name::new(name.as_ref())),
            nullable: !is_required,
        },
        List {
            inner, is_required, ..
        } => Type {
            base: BaseType::List(Box::new(self::ty(inner))),
            nullable: !is_required,
        },
    }
}
