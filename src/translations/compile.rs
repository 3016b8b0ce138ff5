//! Compiles the text of a language to patterns, and finds all that is wrong with it.

mod expression;
mod report;

use std::collections::HashMap;

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern as Parsed, PatternElement, Resource},
    parser::parse_runtime,
    unicode::unescape_unicode_to_string,
};
use icu_plurals::PluralCategory;

use self::{expression::Reference, report::Report};
use super::{
    error::{TranslationError, quoted},
    language::{Language, Numbers},
    message::{MessageId, Variable},
    of_locale,
    pattern::{Pattern, Piece},
};

/// The maximum number of `{` and `(` in a text. Each may nest, and the parser calls itself for each level.
const MAX_OPENINGS: usize = 500;

/// The stack of the thread that parses: more than the parser needs for [`MAX_OPENINGS`] levels.
const STACK_BYTES: usize = 16 << 20;

/// The maximum size of a message in bytes, with all that it refers to. It bounds messages that refer to a message that
/// refers to a message, and so on.
const MAX_EXPANDED_BYTES: usize = 4_096;

/// The bytes that a part of a message counts, besides its text.
const PIECE_BYTES: usize = 16;

/// The maximum number of messages and terms that refer to each other.
const MAX_REFERENCES: usize = 16;

/// The maximum number of characters of a name, such as that of a verdict.
pub(super) const MAX_NAME_CHARS: usize = 80;

/// The maximum number of characters of a label.
pub(super) const MAX_LABEL_CHARS: usize = 200;

/// The number of characters of the largest number.
const MAX_NUMBER_CHARS: usize = 13;

/// The messages of a text.
pub(super) type Messages = HashMap<MessageId, Pattern>;

/// Compiles the text of a language. `parent` is the language whose messages apply where the text has none.
///
/// # Errors
///
/// All problems of the text.
pub(super) fn compile(
    locale: &str,
    text: &str,
    numbers: &Numbers,
    parent: Option<&Language>,
) -> Result<Messages, Vec<TranslationError>> {
    let of_text = |problem| of_locale(locale, problem);
    let openings = text.bytes().filter(|byte| b"{(".contains(byte)).count();
    if openings > MAX_OPENINGS {
        return Err(of_text(format!(
            "the text has {openings} times `{{` or `(`, and at most {MAX_OPENINGS} are allowed"
        )));
    }
    // The parser calls itself for each level of nesting, which a thread of a small stack does not survive.
    let compiled = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
        let thread = thread.spawn_scoped(scope, || compile_here(locale, text, numbers, parent));
        thread.map(std::thread::ScopedJoinHandle::join)
    });
    match compiled {
        Ok(Ok(compiled)) => compiled,
        Ok(Err(_)) => Err(of_text("the text can't be parsed".to_owned())),
        Err(error) => Err(of_text(format!("no thread can parse the text: {error}"))),
    }
}

fn compile_here(
    locale: &str,
    text: &str,
    numbers: &Numbers,
    parent: Option<&Language>,
) -> Result<Messages, Vec<TranslationError>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (resource, syntax_errors) = match parse_runtime(text) {
        Ok(resource) => (resource, Vec::new()),
        Err(partial) => partial,
    };
    let mut report = Report::new(locale, text);
    for error in syntax_errors {
        report.add_syntax_error(&error);
    }
    let entries = entries(&resource, &mut report);
    let mut messages = Messages::new();
    let categories = numbers.categories();
    for (id, name, parsed) in known_messages(&entries, &mut report) {
        let mut compiler = MessageCompiler {
            entries: &entries,
            parent,
            categories: &categories,
            id,
            used: Vec::new(),
            references: vec![Reference::Message(name)],
            bytes: 0,
            report: &mut report,
        };
        let pattern = compiler.message(name, parsed);
        messages.insert(id, pattern);
    }
    report.finish(messages)
}

/// The messages and terms of a text, by their names. The names of terms begin with `-`.
struct Entries<'a> {
    messages: Vec<(&'a str, &'a Parsed<&'a str>)>,
    terms: HashMap<&'a str, &'a Parsed<&'a str>>,
}

fn entries<'a>(resource: &'a Resource<&'a str>, report: &mut Report<'_>) -> Entries<'a> {
    let mut entries = Entries {
        messages: Vec::new(),
        terms: HashMap::new(),
    };
    for entry in &resource.body {
        match entry {
            Entry::Message(message) => {
                let name = message.id.name;
                if let Some(attribute) = message.attributes.first() {
                    report.add(
                        Some(name),
                        attribute.id.name,
                        "has an attribute, and labels have none; remove it".to_owned(),
                    );
                }
                let is_known = entries.messages.iter().any(|(known, _)| *known == name);
                if is_known {
                    report.add(
                        Some(name),
                        name,
                        "is defined twice; remove one of them".to_owned(),
                    );
                } else if let Some(value) = &message.value {
                    entries.messages.push((name, value));
                } else {
                    report.add(Some(name), name, "has no text".to_owned());
                }
            }
            Entry::Term(term) => {
                let name = term.id.name;
                if entries.terms.insert(name, &term.value).is_some() {
                    report.add(
                        None,
                        name,
                        format!(
                            "the term `-{}` is defined twice; remove one of them",
                            quoted(name)
                        ),
                    );
                }
            }
            Entry::Comment(_)
            | Entry::GroupComment(_)
            | Entry::ResourceComment(_)
            | Entry::Junk { .. } => {}
        }
    }
    entries
}

/// Returns the messages that labels use, and reports the others.
fn known_messages<'a>(
    entries: &Entries<'a>,
    report: &mut Report<'_>,
) -> Vec<(MessageId, &'a str, &'a Parsed<&'a str>)> {
    let mut known = Vec::new();
    for &(name, parsed) in &entries.messages {
        if let Some(id) = MessageId::of_name(name) {
            known.push((id, name, parsed));
        } else {
            let names = MessageId::ALL.map(MessageId::name);
            let problem = format!(
                "no label uses it; {}. A text of your own that others refer to is a term, whose name begins with `-`",
                similar(name, &names)
            );
            report.add(Some(name), name, problem);
        }
    }
    known
}

/// Returns the names that a caller may have meant.
fn similar(name: &str, names: &[impl AsRef<str>]) -> String {
    let names: Vec<_> = names.iter().map(AsRef::as_ref).collect();
    let closest = names
        .iter()
        .map(|known| (strsim::jaro_winkler(name, known), known))
        .filter(|(similarity, _)| *similarity > 0.85)
        .max_by(|(left, _), (right, _)| left.total_cmp(right));
    match closest {
        Some((_, known)) => format!("`{known}` is similar"),
        None => format!("known are `{}`", names.join("`, `")),
    }
}

/// Compiles one message.
struct MessageCompiler<'a, 'r> {
    entries: &'a Entries<'a>,
    parent: Option<&'a Language>,
    /// The plural categories of the language.
    categories: &'a [PluralCategory],
    id: MessageId,
    /// The variables that the message has used.
    used: Vec<Variable>,
    /// The messages and terms that are being compiled, each of which refers to the next.
    references: Vec<Reference<'a>>,
    /// The size of the message.
    bytes: usize,
    report: &'r mut Report<'a>,
}

impl<'a> MessageCompiler<'a, '_> {
    fn message(&mut self, name: &'a str, parsed: &'a Parsed<&'a str>) -> Pattern {
        let errors = self.report.len();
        let pattern = self.pattern(parsed);
        if self.report.len() > errors {
            return pattern;
        }
        for variable in self.id.variables() {
            if !self.used.contains(variable) {
                let problem = format!("does not use the variable `${}`", variable.name());
                self.report.add(Some(name), name, problem);
            }
        }
        let limit = if self.id.variables().is_empty() {
            MAX_NAME_CHARS
        } else {
            MAX_LABEL_CHARS
        };
        let length = pattern.max_chars(MAX_NUMBER_CHARS, MAX_NAME_CHARS);
        if length > limit {
            let problem =
                format!("may be up to {length} characters long, and at most {limit} are allowed");
            self.report.add(Some(name), name, problem);
        }
        if pattern.is_blank() {
            self.report.add(Some(name), name, "is blank".to_owned());
        }
        pattern
    }

    /// Adds an error at the place of `slice`.
    fn add_error(&mut self, slice: &str, problem: String) {
        let name = self.id.name();
        self.report.add(Some(name), slice, problem);
    }

    fn pattern(&mut self, parsed: &'a Parsed<&'a str>) -> Pattern {
        let mut pattern = Pattern::default();
        for element in &parsed.elements {
            match element {
                PatternElement::TextElement { value } => {
                    if self.spend(value.len(), value) {
                        self.text(value, value, &mut pattern);
                    }
                }
                PatternElement::Placeable { expression } => {
                    self.expression(expression, &mut pattern);
                }
            }
        }
        pattern
    }

    fn text(&mut self, text: &str, slice: &str, pattern: &mut Pattern) {
        if text.chars().any(char::is_control) {
            let problem = "has a line break or another control character; a label is one line";
            self.add_error(slice, problem.to_owned());
        }
        pattern.push_text(text);
    }

    /// Returns whether the message may grow by a part with `bytes`, and reports if not.
    fn spend(&mut self, bytes: usize, slice: &str) -> bool {
        let was_full = self.bytes > MAX_EXPANDED_BYTES;
        self.bytes = self.bytes.saturating_add(bytes + PIECE_BYTES);
        let is_full = self.bytes > MAX_EXPANDED_BYTES;
        if is_full && !was_full {
            let problem = format!(
                "is too large: with all that it refers to, it has more than {MAX_EXPANDED_BYTES} bytes"
            );
            self.add_error(slice, problem);
        }
        !is_full
    }

    fn expression(&mut self, expression: &'a Expression<&'a str>, pattern: &mut Pattern) {
        match expression {
            Expression::Inline(inline) => self.inline(inline, pattern),
            Expression::Select { selector, variants } => {
                if let Some(piece) = self.select(selector, variants) {
                    pattern.0.push(piece);
                }
            }
        }
    }

    fn inline(&mut self, inline: &'a InlineExpression<&'a str>, pattern: &mut Pattern) {
        let slice = expression::slice_of(inline);
        if !self.spend(0, slice) {
            return;
        }
        match inline {
            InlineExpression::StringLiteral { value } => {
                let text = unescape_unicode_to_string(value);
                if self.spend(text.len(), value) {
                    self.text(&text, value, pattern);
                }
            }
            InlineExpression::NumberLiteral { value } => self.text(value, value, pattern),
            InlineExpression::VariableReference { .. }
            | InlineExpression::FunctionReference { .. } => {
                if let Some((variable, is_grouped)) = self.variable(inline) {
                    pattern.0.push(match variable {
                        Variable::Verdict => Piece::Verdict,
                        variable => Piece::Number {
                            variable,
                            is_grouped,
                        },
                    });
                }
            }
            InlineExpression::MessageReference { .. } | InlineExpression::TermReference { .. } => {
                self.reference(inline, pattern);
            }
            InlineExpression::Placeable { expression } => self.expression(expression, pattern),
        }
    }
}
