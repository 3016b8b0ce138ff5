//! Messages as they are rendered: without references, and with each variable resolved to what it stands for.

use std::fmt;

use icu_plurals::PluralCategory;

use super::{language::Numbers, message::Variable};

/// A message without references. To render it costs as little as to format a string.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Pattern(pub(super) Vec<Piece>);

/// A part of a message.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Piece {
    /// A literal text.
    Text(Box<str>),
    /// The text of the verdict.
    Verdict,
    /// A number.
    Number {
        /// The variable with the number.
        variable: Variable,
        /// Whether the digits are grouped, as in "1,234".
        is_grouped: bool,
    },
    /// One of several texts, chosen by a number.
    Select {
        /// The variable with the number.
        variable: Variable,
        /// The texts. The first one whose key matches is chosen.
        variants: Vec<(Key, Pattern)>,
        /// The index of the text that is chosen if no key matches.
        default: usize,
    },
}

/// The key of a text of [`Piece::Select`].
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Key {
    /// Matches this number.
    Exactly(u32),
    /// Matches the numbers of a plural category of the language.
    Category(PluralCategory),
}

/// The values of a message's variables.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Values<'a> {
    verdict: Option<&'a Pattern>,
    numbers: [u32; Variable::COUNT],
}

impl<'a> Values<'a> {
    /// Returns the values of a message with a verdict.
    pub(super) fn of_verdict(verdict: &'a Pattern) -> Self {
        Self {
            verdict: Some(verdict),
            ..Self::default()
        }
    }

    /// Sets the value of a number.
    pub(super) fn with(mut self, variable: Variable, number: u32) -> Self {
        self.numbers[variable as usize] = number;
        self
    }

    fn number(&self, variable: Variable) -> u32 {
        self.numbers[variable as usize]
    }
}

impl Pattern {
    /// Writes the text for these values.
    pub(super) fn render(
        &self,
        values: &Values<'_>,
        numbers: &Numbers,
        out: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.write_str(text)?,
                Piece::Verdict => {
                    if let Some(verdict) = values.verdict {
                        verdict.render(&Values::default(), numbers, out)?;
                    }
                }
                Piece::Number {
                    variable,
                    is_grouped,
                } => numbers.write(values.number(*variable), *is_grouped, out)?,
                Piece::Select {
                    variable,
                    variants,
                    default,
                } => {
                    let number = values.number(*variable);
                    let chosen = chosen(variants, *default, number, numbers);
                    if let Some(pattern) = chosen {
                        pattern.render(values, numbers, out)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Returns the most characters that the message can have, if a number has `number` characters and a verdict
    /// `verdict`.
    pub(super) fn max_chars(&self, number: usize, verdict: usize) -> usize {
        let chars = self.0.iter().map(|piece| match piece {
            Piece::Text(text) => text.chars().count(),
            Piece::Verdict => verdict,
            Piece::Number { .. } => number,
            Piece::Select { variants, .. } => {
                let variants = variants.iter();
                let lengths = variants.map(|(_, pattern)| pattern.max_chars(number, verdict));
                lengths.max().unwrap_or_default()
            }
        });
        chars.sum()
    }

    /// Returns whether the message has no visible character, whatever the values are.
    pub(super) fn is_blank(&self) -> bool {
        self.0.iter().all(|piece| match piece {
            Piece::Text(text) => text.trim().is_empty(),
            Piece::Verdict | Piece::Number { .. } => false,
            Piece::Select { variants, .. } => {
                variants.iter().all(|(_, pattern)| pattern.is_blank())
            }
        })
    }

    /// Adds another message.
    pub(super) fn append(&mut self, other: Self) {
        for piece in other.0 {
            match piece {
                Piece::Text(text) => self.push_text(&text),
                piece => self.0.push(piece),
            }
        }
    }

    /// Adds a literal text.
    pub(super) fn push_text(&mut self, text: &str) {
        if let Some(Piece::Text(last)) = self.0.last_mut() {
            let mut joined = String::from(std::mem::take(last));
            joined.push_str(text);
            *last = joined.into();
        } else if !text.is_empty() {
            self.0.push(Piece::Text(text.into()));
        }
    }
}

fn chosen<'a>(
    variants: &'a [(Key, Pattern)],
    default: usize,
    number: u32,
    numbers: &Numbers,
) -> Option<&'a Pattern> {
    let mut category = None;
    let matching = variants.iter().find(|(key, _)| match key {
        Key::Exactly(exactly) => *exactly == number,
        Key::Category(expected) => {
            *category.get_or_insert_with(|| numbers.category(number)) == *expected
        }
    });
    matching
        .or_else(|| variants.get(default))
        .map(|(_, pattern)| pattern)
}

impl Numbers {
    /// Writes a number as the language does.
    fn write(&self, number: u32, is_grouped: bool, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // No language groups fewer than four digits.
        if self.has_ascii_digits && (number < 1_000 || !is_grouped) {
            return write!(out, "{number}");
        }
        let formatter = if is_grouped {
            &self.grouped
        } else {
            &self.ungrouped
        };
        write!(out, "{}", formatter.format(&number.into()))
    }
}
