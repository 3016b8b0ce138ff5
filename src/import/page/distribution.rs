//! The distribution: lines such as `1. Positive: 9 out of 12`, up to the caption of the reviews.

pub mod line;
mod totals;

use std::mem;

use self::{
    line::{LineKind, SentimentCount},
    totals::Totals,
};
use super::{
    error::{PageError, Problem},
    errors::ErrorCollector,
    heading::Heading,
    lines::{Line, RemainingLines},
    numbering::Numbering,
    published::Published,
};
use crate::score::Sentiment;

const EXPECTED: &str = r#""Critic Reviews", or a count such as "Positive: 9 out of 12""#;

/// The part between the heading and the reviews.
///
/// Some errors are found here but reported by `validation`, because the reviews decide whether the
/// heading is wrong instead.
#[derive(Debug)]
pub(super) struct Distribution {
    /// The label and the counts. The number of critics is 0 if the heading is invalid.
    pub published: Published,
    /// The totals of the counts.
    pub totals: Totals,
    /// The error of the first count with which the counts don't add up.
    pub sum: Option<PageError>,
    /// The error of a page that ends before its reviews.
    pub end: Option<PageError>,
    /// Whether every line up to the reviews is valid.
    pub is_valid: bool,
    /// Whether the caption of the reviews ends the distribution.
    pub is_complete: bool,
    /// The start of the reviews' numbering; `None` if the page ends before the reviews.
    pub list: Option<Numbering>,
}

impl Distribution {
    /// Returns the number of critics in the heading; `None` if it is unknown, or if all counts have
    /// the same other total.
    pub fn certain_critics(&self, heading: &Heading) -> Option<u32> {
        let critics = heading.critics?;
        self.totals
            .contradicting_total(Some(critics))
            .is_none()
            .then_some(critics)
    }
}

/// Parses the lines between the heading and the reviews, and the caption of the reviews.
///
/// The caption is optional on a page of zero critics that ends here. On other pages, a review
/// without the caption before it ends the distribution, so that not every line of the reviews is
/// reported.
pub(super) fn read(
    lines: &mut RemainingLines,
    heading: &Heading,
    errors: &mut ErrorCollector,
) -> Distribution {
    let has_caption = has_caption(lines.clone());
    let mut reader = DistributionReader::new(heading, has_caption);
    while let Some(line) = lines.as_slice().first() {
        let kind = LineKind::of(line);
        if let LineKind::Head { number, .. } = kind
            && !has_caption
        {
            reader.end_at_head(line, number, errors);
            return reader.distribution;
        }
        lines.next();
        reader.last_line = line.number;
        match kind {
            LineKind::ReviewsCaption => {
                reader.distribution.list = Some(Numbering::new());
                reader.distribution.is_complete = true;
                return reader.distribution;
            }
            LineKind::Caption => {}
            // If the caption came before it, the line is text. If not, a later parse reports it.
            LineKind::Count(_) if reader.may_be_past_caption => {}
            LineKind::Count(count) if !line.is_damaged() => reader.add_count(&count, line, errors),
            LineKind::Count(_) => reader.distribution.is_valid = false,
            LineKind::MalformedCount | LineKind::Head { .. } | LineKind::Other => {
                reader.report_unexpected(line, &kind, errors);
            }
        }
    }
    reader.end_of_page();
    reader.distribution
}

/// Returns whether the caption of the reviews follows. A caption after two reviews doesn't count.
fn has_caption(lines: RemainingLines) -> bool {
    let mut reviews = 0;
    for line in lines {
        match LineKind::of(line) {
            LineKind::ReviewsCaption => return true,
            LineKind::Head { has_text: true, .. } => reviews += 1,
            _ => {}
        }
        if reviews == 2 {
            return false;
        }
    }
    false
}

struct DistributionReader<'a> {
    heading: &'a Heading,
    has_caption: bool,
    distribution: Distribution,
    /// The number of the last parsed line; the heading's at first.
    last_line: usize,
    /// The sentiments of counts with a wrong total, which may not be counts at all.
    doubtful_counts: Vec<Sentiment>,
    /// Whether a count is repeated, so that the right one is unknown.
    has_repeats: bool,
    /// Whether an invalid line may be the mistyped caption, so that the list may start there.
    may_be_past_caption: bool,
    /// The errors of invalid lines after that one. They are errors only if the list hasn't started.
    doubtful_errors: ErrorCollector,
}

impl<'a> DistributionReader<'a> {
    fn new(heading: &'a Heading, has_caption: bool) -> Self {
        Self {
            heading,
            has_caption,
            distribution: Distribution {
                published: Published {
                    label: heading.label.clone(),
                    critics: heading.critics.unwrap_or_default(),
                    positive: None,
                    mixed: None,
                    negative: None,
                },
                totals: Totals::default(),
                sum: None,
                end: None,
                is_valid: heading.critics.is_some(),
                is_complete: false,
                list: None,
            },
            last_line: heading.line,
            doubtful_counts: Vec::new(),
            has_repeats: false,
            may_be_past_caption: false,
            doubtful_errors: ErrorCollector::default(),
        }
    }

    /// Adds a count, and checks it against the heading and the counts before it.
    fn add_count(&mut self, count: &SentimentCount, line: &Line, errors: &mut ErrorCollector) {
        let Distribution {
            published,
            totals,
            sum,
            is_valid,
            ..
        } = &mut self.distribution;
        let at_line = |problem| PageError::new(line.number, problem);
        totals.add(count.total);
        let wrong_total = self
            .heading
            .critics
            .filter(|critics| count.total != *critics);
        if let Some(expected) = wrong_total {
            totals.errors.push(at_line(Problem::WrongTotal {
                expected,
                found: count.total,
            }));
            *is_valid = false;
        }
        let stated = match count.sentiment {
            Sentiment::Positive => &mut published.positive,
            Sentiment::Mixed => &mut published.mixed,
            Sentiment::Negative => &mut published.negative,
        };
        if stated.is_some() {
            if !self.doubtful_counts.contains(&count.sentiment) {
                errors.push(at_line(Problem::RepeatedCount(count.sentiment)));
            }
            self.has_repeats = true;
            *is_valid = false;
            return;
        }
        *stated = Some(count.count);
        if wrong_total.is_some() {
            self.doubtful_counts.push(count.sentiment);
        }
        let is_checkable = self.heading.critics.is_some() && !self.has_repeats && sum.is_none();
        if is_checkable && !published.adds_up() {
            *sum = Some(at_line(Problem::WrongSum {
                expected: published.critics,
                found: published.sum(),
            }));
            *is_valid = false;
        }
    }

    /// Reports a line that isn't valid in a distribution.
    fn report_unexpected(&mut self, line: &Line, kind: &LineKind, errors: &mut ErrorCollector) {
        self.distribution.is_valid = false;
        if !line.is_damaged() {
            let errors = if self.may_be_past_caption {
                &mut self.doubtful_errors
            } else {
                errors
            };
            errors.push(unexpected_line(line));
        }
        let is_malformed_count = matches!(kind, LineKind::MalformedCount) && !line.is_damaged();
        let may_be_caption = !self.has_caption && !is_malformed_count;
        self.may_be_past_caption |= may_be_caption;
    }

    /// Ends the distribution at a review without the caption before it.
    fn end_at_head(&mut self, line: &Line, number: Option<u32>, errors: &mut ErrorCollector) {
        let is_first = number == Some(1);
        if is_first {
            errors.merge(mem::take(&mut self.doubtful_errors));
        }
        // If the page starts in the middle of its reviews, only the missing heading is certain.
        let is_first_line = self.last_line == self.heading.line;
        let is_headless = self.heading.critics.is_none() && is_first_line;
        if !self.may_be_past_caption && !is_headless {
            errors.push(unexpected_line(line));
        }
        let may_start_anywhere = self.may_be_past_caption || is_headless;
        self.distribution.list = Some(if may_start_anywhere && !is_first {
            Numbering::from_anywhere()
        } else {
            Numbering::new()
        });
    }

    /// Ends the distribution of a page without a list of reviews.
    fn end_of_page(&mut self) {
        match self.heading.critics {
            Some(0) => self.distribution.list = Some(Numbering::new()),
            Some(_) if !self.may_be_past_caption => {
                let problem = Problem::UnexpectedEnd { expected: EXPECTED };
                self.distribution.end = Some(PageError::new(self.last_line, problem));
            }
            _ => {}
        }
    }
}

fn unexpected_line(line: &Line) -> PageError {
    PageError::new(line.number, Problem::unexpected(EXPECTED, &line.text))
}
