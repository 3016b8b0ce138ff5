//! Numbers in digits.

use super::quantity::Quantity;

/// A number in digits: `3`, `3.5`, `.5`, `4.`, `3,5`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number {
    pub value: Quantity,
    /// Whether the number has no decimal mark.
    pub is_plain: bool,
}

impl Number {
    /// Splits off the number at the start of `text`; `None` if there is none.
    pub fn split(text: &str) -> Option<(Self, &str)> {
        let (integer_digits, rest) = split_digits(text);
        let (decimals, rest) = match split_decimals(integer_digits, rest) {
            Some((decimals, rest)) => (Some(decimals), rest),
            None => (None, rest),
        };
        if integer_digits.is_empty() && decimals.is_none() {
            return None;
        }
        let number = Self {
            value: Quantity::decimal(integer_digits, decimals.unwrap_or_default())?,
            is_plain: decimals.is_none(),
        };
        Some((number, rest))
    }
}

/// Splits off the decimal mark at the start of `rest` and its digits; `None` if there is no mark.
///
/// Two dots are a range. A comma before exactly three digits may separate thousands, and is not
/// accepted as a decimal mark.
fn split_decimals<'a>(integer_digits: &str, rest: &'a str) -> Option<(&'a str, &'a str)> {
    if let Some(rest) = rest.strip_prefix('.') {
        let (decimals, rest_after) = split_digits(rest);
        let is_mark =
            !rest.starts_with('.') && (!integer_digits.is_empty() || !decimals.is_empty());
        return is_mark.then_some((decimals, rest_after));
    }
    let (decimals, rest_after) = split_digits(rest.strip_prefix(',')?);
    let is_mark = !integer_digits.is_empty() && !matches!(decimals.len(), 0 | 3);
    is_mark.then_some((decimals, rest_after))
}

fn split_digits(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}
