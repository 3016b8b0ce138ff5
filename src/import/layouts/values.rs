//! Values of cells that a layout says more about than the cell itself.

use std::{borrow::Cow, num::NonZeroU16};

use super::description::IdForm;
use crate::review::original_score::{self, DefaultScales, UnreadReason};

/// A grade as the table has it, and the maximum of bare numbers.
pub(super) struct Grade<'a> {
    pub text: &'a str,
    pub scale: Option<NonZeroU16>,
}

impl<'a> Grade<'a> {
    /// Returns the grade with its scale, such as "4.5/5", so that it says the same without the table.
    pub fn with_scale(&self) -> Cow<'a, str> {
        let Some(scale) = self.scale else {
            return Cow::Borrowed(self.text);
        };
        if !is_bare_number(self.text) {
            return Cow::Borrowed(self.text);
        }
        Cow::Owned(format!("{}/{scale}", self.text))
    }
}

/// Returns whether a grade is a number that doesn't say of how many.
pub(super) fn is_bare_number(text: &str) -> bool {
    let scales = DefaultScales {
        bare: None,
        ..DefaultScales::default()
    };
    original_score::read(text, &scales) == Err(UnreadReason::BareNumber)
}

/// Returns an id as its source writes it.
pub(super) fn id<'a>(text: &'a str, form: &IdForm) -> Cow<'a, str> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    if form.prefix.is_empty() || !is_number {
        return Cow::Borrowed(text);
    }
    let (prefix, digits) = (&form.prefix, form.digits);
    Cow::Owned(format!("{prefix}{text:0>digits$}"))
}
