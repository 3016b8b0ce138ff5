//! Amounts: numbers, mixed numbers, and numbers in words.

use super::cursor::{Cursor, is_one_of};
use super::part;
use super::quantity::Quantity;
use super::token::Token;

/// The numbers as words; the index of a word is its value.
const WORDS: [&str; 11] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
];

/// A parsed amount, of points or of stars.
#[derive(Clone, Copy, Debug)]
pub(super) struct Amount {
    pub value: Quantity,
    pub form: Form,
    /// Whether the amount contains a word.
    pub is_spelled: bool,
}

/// The notation of an amount, as far as the meaning depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A whole number without a decimal mark.
    Plain,
    /// A number with a decimal mark, or a mixed number.
    Precise,
    /// A fraction of one without a whole number: `½`, `half`.
    Part,
}

impl Amount {
    /// Consumes an amount.
    pub fn take(cursor: &mut Cursor) -> Option<Self> {
        cursor
            .attempt(one_half)
            .or_else(|| cursor.attempt(bare_part))
            .or_else(|| cursor.attempt(number))
    }

    /// Returns whether this amount over `denominator` could be a fraction of one, such as three quarters.
    pub fn could_be_part_over(&self, denominator: &Self) -> bool {
        let are_plain = self.form == Form::Plain && denominator.form == Form::Plain;
        are_plain && part::of_one(self.value, denominator.value).is_some()
    }
}

/// Consumes a number without a fraction: digits, or a word.
pub(super) fn single(cursor: &mut Cursor) -> Option<Amount> {
    let in_digits = cursor.number().map(|number| Amount {
        value: number.value,
        form: if number.is_plain {
            Form::Plain
        } else {
            Form::Precise
        },
        is_spelled: false,
    });
    in_digits.or_else(|| spelled(cursor))
}

fn spelled(cursor: &mut Cursor) -> Option<Amount> {
    let number = cursor.take(|lexeme| match lexeme.token {
        Token::Word(word) => (0_u128..)
            .zip(WORDS)
            .find(|(_, name)| is_one_of(word, &[name])),
        _ => None,
    });
    number.map(|(number, _)| Amount {
        value: Quantity::whole(number),
        form: Form::Plain,
        is_spelled: true,
    })
}

/// Consumes a number, and the fraction that follows it if the number is whole.
fn number(cursor: &mut Cursor) -> Option<Amount> {
    let whole = single(cursor)?;
    if whole.form != Form::Plain {
        return Some(whole);
    }
    let part = cursor.attempt(|cursor| {
        let hyphen = cursor.joining_hyphen();
        let (part, is_spelled) = part_after(cursor)?;
        // The hyphen of `2-3/4` may be a range from two to three; that of `3-1/2` can't.
        let may_be_range = hyphen.is_some() && part.numerator() > whole.value.numerator();
        (!may_be_range).then_some((part, is_spelled))
    });
    let Some((part, is_spelled)) = part else {
        return Some(whole);
    };
    Some(Amount {
        value: whole.value.plus(part)?,
        form: Form::Precise,
        is_spelled: whole.is_spelled || is_spelled,
    })
}

/// Consumes the fraction of a mixed number, and returns whether it contains a word.
fn part_after(cursor: &mut Cursor) -> Option<(Quantity, bool)> {
    if let Some(part) = part::take(cursor) {
        return Some((part, false));
    }
    cursor.word(&["and"])?;
    cursor.joining_hyphen();
    if let Some(part) = part::take(cursor) {
        return Some((part, true));
    }
    if cursor.word(&["a", "one"]).is_some() {
        cursor.joining_hyphen();
    }
    cursor.word(&["half"])?;
    Some((Quantity::HALF, true))
}

fn bare_part(cursor: &mut Cursor) -> Option<Amount> {
    cursor.part().map(|value| Amount {
        value,
        form: Form::Part,
        is_spelled: false,
    })
}

/// Consumes `half`, `half a`, `a half` or `one half`.
fn one_half(cursor: &mut Cursor) -> Option<Amount> {
    if cursor.word(&["a", "one"]).is_some() {
        cursor.joining_hyphen();
        cursor.word(&["half"])?;
    } else {
        cursor.word(&["half"])?;
        cursor.attempt(|cursor| {
            cursor.joining_hyphen();
            cursor.word(&["a"])
        });
    }
    Some(Amount {
        value: Quantity::HALF,
        form: Form::Part,
        is_spelled: true,
    })
}
