//! The expected number of the next review, also after a wrong number.

use std::mem;

/// A checker of the numbers of the reviews.
///
/// A wrong number has one of three causes. It is a slip, and the numbers continue as if it were
/// right ("1, 9, 3"). Or a review is missing or repeated, and they continue from the wrong number
/// ("1, 3, 4"). Or the line is stray, and they continue as if it weren't there ("1, 9, 2"). Only
/// the next number shows the cause, so each continuation is allowed, and one mistake is reported
/// once.
#[derive(Debug)]
pub(super) struct Numbering {
    /// The next number, if each number so far counts as correct.
    by_place: u32,
    /// The next number, if the last wrong numbers don't count.
    by_right: u32,
    /// The next number after the last one on the page.
    by_last: u32,
    /// Whether a review without a head may follow the last number.
    may_lack_one: bool,
    /// Whether it is still undecided which of these numbers continues.
    is_open: bool,
    /// The state of the numbers so far.
    state: State,
    /// Whether the next number is the first, and any number is allowed.
    may_start_anywhere: bool,
}

/// The state of the numbers. Later variants are worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    /// Each number is correct.
    Right,
    /// Some numbers are slips, but no review is missing or repeated.
    Slips,
    /// The number of reviews after a correction is unknown.
    Unknown,
}

impl Numbering {
    /// Creates a numbering that starts from 1.
    pub fn new() -> Self {
        Self {
            by_place: 1,
            by_right: 1,
            by_last: 1,
            may_lack_one: false,
            is_open: false,
            state: State::Right,
            may_start_anywhere: false,
        }
    }

    /// Creates a numbering that starts from any number, for an unknown number of earlier reviews.
    pub fn from_anywhere() -> Self {
        Self {
            may_start_anywhere: true,
            state: State::Unknown,
            ..Self::new()
        }
    }

    /// Returns the number of the next review, if each number so far counts as correct.
    pub fn place(&self) -> u32 {
        self.by_place
    }

    /// Returns whether the next review can have this number; `None` is a number above [`u32::MAX`].
    pub fn expects(&self, number: Option<u32>) -> bool {
        number.is_some_and(|number| number == self.by_place || self.goes_on_otherwise(number))
    }

    /// Adds the number of a review.
    ///
    /// # Errors
    ///
    /// Returns the expected number if the number is wrong.
    pub fn take(&mut self, number: Option<u32>) -> Result<(), u32> {
        if let Some(number) = number.filter(|number| self.expects(Some(*number))) {
            if number != self.by_place {
                self.state = State::Unknown;
            }
            self.is_open = false;
            self.may_lack_one = false;
            self.by_place = number.saturating_add(1);
            self.by_right = self.by_place;
            self.by_last = self.by_place;
            return Ok(());
        }
        let goes_on = self.by_last > self.by_place && number >= Some(self.by_last);
        let expected = if goes_on { self.by_last } else { self.by_place };
        self.is_open = true;
        self.state = self.state.max(State::Slips);
        self.by_place = self.by_place.saturating_add(1);
        self.by_last = after(number).unwrap_or(self.by_place);
        if mem::take(&mut self.may_start_anywhere) {
            Ok(())
        } else {
            Err(expected)
        }
    }

    /// Records a number that is either a review's or part of a text: the numbers may continue from
    /// it.
    pub fn note(&mut self, number: Option<u32>) {
        if let Some(next) = after(number) {
            self.by_last = next;
            self.is_open = true;
        }
    }

    /// Records a line that is either the head of review 1 or stray: 2 or 1 may come next.
    pub fn note_lost_head(&mut self) {
        self.by_place = self.by_place.saturating_add(1);
        self.is_open = true;
        self.state = self.state.max(State::Slips);
    }

    /// Records that a review may have started without a head, so that the next number may be
    /// skipped.
    pub fn note_lack(&mut self) {
        self.may_lack_one = true;
    }

    /// Returns whether the page certainly has as many reviews as heads.
    pub fn is_countable(&self) -> bool {
        self.state < State::Unknown && !self.is_open && !self.may_lack_one
    }

    /// Returns whether each review certainly has the correct number.
    pub fn is_right(&self) -> bool {
        self.state == State::Right && self.is_countable()
    }

    fn goes_on_otherwise(&self, number: u32) -> bool {
        let skips_one = |next: u32| self.may_lack_one && Some(number) == next.checked_add(1);
        (self.by_right..self.by_place).contains(&number)
            || number == self.by_last
            || skips_one(self.by_place)
            || skips_one(self.by_last)
    }
}

fn after(number: Option<u32>) -> Option<u32> {
    number.map(|number| number.saturating_add(1))
}
