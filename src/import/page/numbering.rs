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
    next_in_sequence: u32,
    /// The next number, if the last wrong numbers don't count.
    next_without_wrong: u32,
    /// The next number after the last one on the page.
    next_after_last: u32,
    /// Whether a review without a head may follow the last number.
    may_skip_one: bool,
    /// Whether it is still undecided which of these numbers continues.
    is_undecided: bool,
    /// The state of the numbers so far.
    state: NumberingState,
    /// Whether the next number is the first, and any number is allowed.
    may_start_anywhere: bool,
}

/// The state of the numbers. Later variants are worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum NumberingState {
    /// Each number is correct.
    Correct,
    /// Some numbers are slips, but no review is missing or repeated.
    Slips,
    /// The number of reviews after a correction is unknown.
    Unknown,
}

impl Numbering {
    /// Creates a numbering that starts from 1.
    pub fn new() -> Self {
        Self {
            next_in_sequence: 1,
            next_without_wrong: 1,
            next_after_last: 1,
            may_skip_one: false,
            is_undecided: false,
            state: NumberingState::Correct,
            may_start_anywhere: false,
        }
    }

    /// Creates a numbering that starts from any number, for an unknown number of earlier reviews.
    pub fn from_anywhere() -> Self {
        Self {
            may_start_anywhere: true,
            state: NumberingState::Unknown,
            ..Self::new()
        }
    }

    /// Returns the number of the next review, if each number so far counts as correct.
    pub fn next_number(&self) -> u32 {
        self.next_in_sequence
    }

    /// Returns whether the next review can have this number; `None` is a number above [`u32::MAX`].
    pub fn expects(&self, number: Option<u32>) -> bool {
        number.is_some_and(|number| {
            number == self.next_in_sequence || self.is_other_continuation(number)
        })
    }

    /// Adds the number of a review.
    ///
    /// # Errors
    ///
    /// Returns the expected number if the number is wrong.
    pub fn add(&mut self, number: Option<u32>) -> Result<(), u32> {
        if let Some(number) = number.filter(|number| self.expects(Some(*number))) {
            if number != self.next_in_sequence {
                self.state = NumberingState::Unknown;
            }
            self.is_undecided = false;
            self.may_skip_one = false;
            self.next_in_sequence = number.saturating_add(1);
            self.next_without_wrong = self.next_in_sequence;
            self.next_after_last = self.next_in_sequence;
            return Ok(());
        }
        let continues_from_last =
            self.next_after_last > self.next_in_sequence && number >= Some(self.next_after_last);
        let expected = if continues_from_last {
            self.next_after_last
        } else {
            self.next_in_sequence
        };
        self.is_undecided = true;
        self.state = self.state.max(NumberingState::Slips);
        self.next_in_sequence = self.next_in_sequence.saturating_add(1);
        self.next_after_last = successor(number).unwrap_or(self.next_in_sequence);
        if mem::take(&mut self.may_start_anywhere) {
            Ok(())
        } else {
            Err(expected)
        }
    }

    /// Records a number that is either a review's or part of a text: the numbers may continue from
    /// it.
    pub fn record_possible_number(&mut self, number: Option<u32>) {
        if let Some(next) = successor(number) {
            self.next_after_last = next;
            self.is_undecided = true;
        }
    }

    /// Records a line that is either the head of review 1 or stray: 2 or 1 may come next.
    pub fn record_possible_head(&mut self) {
        self.next_in_sequence = self.next_in_sequence.saturating_add(1);
        self.is_undecided = true;
        self.state = self.state.max(NumberingState::Slips);
    }

    /// Records that a review may have started without a head, so that the next number may be
    /// skipped.
    pub fn allow_skip(&mut self) {
        self.may_skip_one = true;
    }

    /// Returns whether the page certainly has as many reviews as heads.
    pub fn is_countable(&self) -> bool {
        self.state < NumberingState::Unknown && !self.is_undecided && !self.may_skip_one
    }

    /// Returns whether each review certainly has the correct number.
    pub fn is_correct(&self) -> bool {
        self.state == NumberingState::Correct && self.is_countable()
    }

    fn is_other_continuation(&self, number: u32) -> bool {
        let skips_one = |next: u32| self.may_skip_one && Some(number) == next.checked_add(1);
        (self.next_without_wrong..self.next_in_sequence).contains(&number)
            || number == self.next_after_last
            || skips_one(self.next_in_sequence)
            || skips_one(self.next_after_last)
    }
}

fn successor(number: Option<u32>) -> Option<u32> {
    number.map(|number| number.saturating_add(1))
}
