//! The reviews of a page. Each is a head with the number, the details, and the excerpt.

use super::{
    PageReview,
    details::Details,
    error::{NumberedText, PageError, Problem, shorten},
    errors::ErrorCollector,
    lines::{self, Damage, Line, RemainingLines},
    numbering::Numbering,
};
use crate::site_rules::DateOrder;

/// The reviews of a page, as far as they could be parsed.
#[derive(Debug)]
pub(super) struct ReviewList {
    /// The reviews in the order of the page. A score that may be wrong is left out.
    pub reviews: Vec<PageReview>,
    /// The state of the numbering after the last review.
    pub numbering: Numbering,
}

impl ReviewList {
    /// Returns the number of reviews; `None` if wrong numbers leave it uncertain, or if it exceeds
    /// [`u32::MAX`].
    pub fn count(&self) -> Option<u32> {
        let count = u32::try_from(self.reviews.len()).ok()?;
        self.numbering.is_countable().then_some(count)
    }
}

/// Parses the reviews, which are numbered without gaps, up to the end of the page.
///
/// `critics` is the expected number of reviews; `None` if it is uncertain. `date_order` is that of dates
/// of digits.
pub(super) fn read(
    lines: RemainingLines,
    critics: Option<u32>,
    date_order: Option<DateOrder>,
    numbering: Numbering,
    errors: &mut ErrorCollector,
) -> ReviewList {
    let mut reader = EntryReader {
        critics,
        date_order,
        numbering,
        entries: Vec::new(),
        numbered_text: None,
        errors,
    };
    for line in lines {
        match &line.damage {
            None => reader.read(line),
            Some(damage) => reader.read_damaged(line, damage),
        }
    }
    ReviewList {
        reviews: reader.entries.into_iter().map(PageReview::from).collect(),
        numbering: reader.numbering,
    }
}

struct EntryReader<'a> {
    critics: Option<u32>,
    date_order: Option<DateOrder>,
    numbering: Numbering,
    entries: Vec<Entry>,
    /// The last line that begins with the number of the next review and is no head.
    numbered_text: Option<NumberedText>,
    errors: &'a mut ErrorCollector,
}

impl EntryReader<'_> {
    fn read(&mut self, line: &Line) {
        if let Some(head) = EntryHead::read(&line.text, self.date_order) {
            if self.is_text(&head) {
                self.record_possible_head(&head);
                self.add_text(&line.text);
            } else {
                self.start_entry(line, head);
            }
        } else if let Some(entry) = self.entries.last_mut() {
            if let Some(text) = numbered_text(line, self.numbering.next_number()) {
                self.numbered_text = Some(text);
            }
            let problems = entry.add(&line.text, self.date_order, &mut self.numbering);
            self.report(line, problems);
        } else {
            let expected = r#"review 1, such as "1. Reviewed by: …""#;
            self.report(line, [Problem::unexpected(expected, &line.text)]);
            self.start_entry_without_head(line);
        }
    }

    /// Parses a line with control characters, which is already reported. The line counts as a head
    /// or as details if any of its readings does. Its details are ignored.
    fn read_damaged(&mut self, line: &Line, damage: &Damage) {
        let order = self.date_order;
        let heads = line
            .readings()
            .filter_map(|text| EntryHead::read(text, order));
        let heads: Vec<_> = heads.collect();
        let is_detail = || {
            line.readings()
                .any(|text| Details::read(text, order).is_some())
        };
        if let Some(head) = heads.iter().find(|head| !self.is_text(head)) {
            let mut entry = Entry::new(line, self.numbering.next_number());
            entry.mark_doubtful();
            self.entries.push(entry);
            // A wrong number may come from the control character. If not, the next parse reports
            // it.
            self.numbering.add(head.number()).ok();
        } else if self.entries.is_empty() {
            self.start_entry_without_head(line);
        } else if let Some(entry) = self.entries.last_mut()
            && entry.excerpt.is_empty()
            && is_detail()
        {
            entry.mark_doubtful();
        } else {
            for head in &heads {
                self.record_possible_head(head);
            }
            // Without the control character, it may have been a head.
            if line.text.starts_with(|c: char| c.is_ascii_digit()) {
                self.numbering.allow_skip();
            }
            self.add_text(&line.text);
        }
        for head in damage
            .later_lines
            .iter()
            .filter_map(|text| EntryHead::read(text, order))
        {
            self.numbering.record_possible_number(head.number());
        }
    }

    fn start_entry(&mut self, line: &Line, head: EntryHead) {
        let number = head.number();
        let mut entry = Entry::new(line, self.numbering.next_number());
        let (details, problems) = head.details;
        entry.details.add(details);
        if let Err(expected) = self.numbering.add(number) {
            entry.may_be_text = true;
            let found = shorten(head.digits);
            let skipped = self.numbered_text.take();
            let problem = Problem::WrongNumber {
                expected,
                found,
                skipped: skipped.filter(|text| text.number == expected),
            };
            self.report(line, [problem]);
        }
        self.report(line, problems);
        self.entries.push(entry);
    }

    /// Treats a line as the head of review 1, so that the lines below it are parsed as a review.
    fn start_entry_without_head(&mut self, line: &Line) {
        let mut entry = Entry::new(line, self.numbering.next_number());
        entry.mark_doubtful();
        self.entries.push(entry);
        self.numbering.record_possible_head();
    }

    /// Returns whether what looks like a head is the end of a sentence instead ("…the best film of"
    /// / "1995."): a number alone, inside an excerpt, and larger than the number of reviews.
    fn is_text(&self, head: &EntryHead) -> bool {
        let number = head.number();
        let exceeds_count = match (number, self.critics) {
            (Some(number), Some(critics)) => number > critics,
            _ => true,
        };
        let is_inside_excerpt = self
            .entries
            .last()
            .is_some_and(|entry| entry.may_be_text || !entry.excerpt.is_empty());
        head.is_bare && exceeds_count && !self.numbering.expects(number) && is_inside_excerpt
    }

    /// Records the number of a head that is treated as text. It may still be a head if the number
    /// of reviews is uncertain.
    fn record_possible_head(&mut self, head: &EntryHead) {
        if self.critics.is_none() {
            self.numbering.record_possible_number(head.number());
        }
    }

    fn add_text(&mut self, text: &str) {
        if let Some(entry) = self.entries.last_mut() {
            entry.add_text(text);
        }
    }

    fn report(&mut self, line: &Line, problems: impl IntoIterator<Item = Problem>) {
        for problem in problems {
            self.errors.push(PageError::new(line.number, problem));
        }
    }
}

/// Returns the line if it begins with a number and other text.
fn numbered_text(line: &Line, number: u32) -> Option<NumberedText> {
    let (digits, rest) = lines::split_list_number(&line.text)?;
    (lines::count(digits) == Some(number)).then(|| NumberedText {
        line: line.number,
        number,
        text: format!("{:?}", shorten(rest.trim_start())),
    })
}

/// A line that starts a review: its number and a dot, then nothing or details.
///
/// A line with any other text after the dot is part of an excerpt ("2. The second act…"). A line
/// with details after the dot is a head even if the number is wrong. Otherwise a review with a
/// wrong number would become part of the excerpt before it.
pub(super) struct EntryHead<'a> {
    digits: &'a str,
    /// Whether the line has nothing after the number.
    pub is_bare: bool,
    details: (Details, Vec<Problem>),
}

impl<'a> EntryHead<'a> {
    /// Parses a line; returns `None` if it doesn't start a review.
    pub fn read(text: &'a str, order: Option<DateOrder>) -> Option<Self> {
        let (digits, rest) = lines::split_list_number(text)?;
        // "8.5" is a number, but "8.Reviewed by:" can only be a head.
        let is_separate =
            rest.is_empty() || rest.starts_with(' ') || rest.starts_with(char::is_alphabetic);
        let content = rest.trim_start();
        let details = Details::read(content, order).filter(|_| is_separate)?;
        Some(Self {
            digits,
            is_bare: content.is_empty(),
            details,
        })
    }

    /// Returns the number of the review; `None` if it exceeds [`u32::MAX`].
    pub fn number(&self) -> Option<u32> {
        lines::count(self.digits)
    }
}

/// A review during parsing.
struct Entry {
    line: usize,
    number: u32,
    details: Details,
    /// Whether a line before the excerpt is invalid, and may belong to the excerpt.
    may_be_text: bool,
    excerpt: String,
}

impl Entry {
    fn new(line: &Line, number: u32) -> Self {
        Self {
            line: line.number,
            number,
            details: Details::default(),
            may_be_text: false,
            excerpt: String::new(),
        }
    }

    /// Records that a line before the excerpt can't be parsed.
    fn mark_doubtful(&mut self) {
        self.details.has_doubtful_score = true;
        self.may_be_text = true;
    }

    /// Adds a line after the head: to the details before the excerpt starts, then to the excerpt.
    /// Returns the problems of the line.
    fn add(
        &mut self,
        text: &str,
        order: Option<DateOrder>,
        numbering: &mut Numbering,
    ) -> Vec<Problem> {
        match Details::read(text, order) {
            Some((details, mut problems)) if self.excerpt.is_empty() => {
                let repeated = self.details.add(details);
                if !repeated.is_empty() {
                    numbering.allow_skip();
                }
                problems.extend(repeated);
                self.may_be_text |= !problems.is_empty();
                problems
            }
            _ => {
                self.add_text(text);
                Vec::new()
            }
        }
    }

    fn add_text(&mut self, text: &str) {
        if !self.excerpt.is_empty() {
            self.excerpt.push('\n');
        }
        self.excerpt.push_str(text);
    }
}

impl From<Entry> for PageReview {
    fn from(entry: Entry) -> Self {
        let details = entry.details;
        Self {
            line: entry.line,
            number: entry.number,
            byline: details.byline,
            score: details.score.filter(|_| !details.has_doubtful_score),
            sentiment: None,
            reviewed_on: details.reviewed_on,
            excerpt: (!entry.excerpt.is_empty()).then_some(entry.excerpt),
        }
    }
}
