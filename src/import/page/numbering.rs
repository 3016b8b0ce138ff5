//! Which number the next review has to bear, also after one that was wrong.

use std::mem;

/// Follows the numbers of the reviews.
///
/// A wrong number is a slip, and the numbers go on as if it were right ("1, 9, 3"); or it shows
/// that a review is missing or there twice, and they go on from it ("1, 3, 4"); or the line does
/// not belong there, and they go on as if it weren't there ("1, 9, 2"). Only what comes next tells
/// which, so each is allowed, and one mistake is told once.
#[derive(Debug)]
pub(super) struct Numbering {
    /// The number that comes next if each one before was as expected.
    by_place: u32,
    /// The number that comes next if the last ones that were not as expected don't count at all.
    by_right: u32,
    /// The number that comes next after the last one on the page.
    by_last: u32,
    /// Whether a review may have lost its head since the last number.
    may_lack_one: bool,
    /// Whether nothing has told yet with which of these it goes on.
    is_open: bool,
    /// What is known of the numbers so far.
    state: State,
    /// Whether no number was seen yet, and any may be the first.
    may_start_anywhere: bool,
}

/// What is known of some numbers, the worse the later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    /// Each is the one of its place.
    Right,
    /// Some were slips: there are as many reviews as there should be.
    Slips,
    /// It isn't known how many reviews there will be once they are mended.
    Unknown,
}

impl Numbering {
    /// Numbers from 1.
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

    /// Numbers that start with any, since it isn't known how many reviews came before.
    pub fn from_anywhere() -> Self {
        Self {
            may_start_anywhere: true,
            state: State::Unknown,
            ..Self::new()
        }
    }

    /// The number of the next review if each one before is what its place says.
    pub fn place(&self) -> u32 {
        self.by_place
    }

    /// Whether a review may bear this number now; `None` is a number beyond all bounds.
    pub fn expects(&self, number: Option<u32>) -> bool {
        number.is_some_and(|number| number == self.by_place || self.goes_on_otherwise(number))
    }

    /// Takes over the number of a review.
    ///
    /// # Errors
    /// The number that was expected instead.
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

    /// Notes a number that may belong to a review, or be a part of a text: it may go on from there.
    pub fn note(&mut self, number: Option<u32>) {
        if let Some(next) = after(number) {
            self.by_last = next;
            self.is_open = true;
        }
    }

    /// Notes a line that may be the head of review 1, or not belong there: 2 may come next, or 1.
    pub fn note_lost_head(&mut self) {
        self.by_place = self.by_place.saturating_add(1);
        self.is_open = true;
        self.state = self.state.max(State::Slips);
    }

    /// Notes that a review may have begun without a head: the next number may be left out.
    pub fn note_lack(&mut self) {
        self.may_lack_one = true;
    }

    /// Whether as many reviews as heads are on the page, once the numbers are mended.
    pub fn is_countable(&self) -> bool {
        self.state < State::Unknown && !self.is_open && !self.may_lack_one
    }

    /// Whether each review has the number of its place for certain.
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
