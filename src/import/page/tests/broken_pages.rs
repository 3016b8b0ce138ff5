//! Valid pages that are broken in several indexes: exactly the broken lines are reported.

use proptest::{collection::vec, prelude::*, sample};

use crate::{score::Sentiment, site_rules::SiteRules};

use super::{
    generator::{Draft, write_page},
    properties::{choices, drafts, published, unstated},
};
use crate::import::page::{Order, Page, PageError, parse};

/// A way to break a page in one place.
#[derive(Debug, Clone, Copy)]
enum Break {
    /// A line above the heading.
    Above,
    /// A line that doesn't belong to the distribution.
    Stray,
    /// A control character in the heading, a count, or a review.
    Control,
    /// One review more than the heading says.
    OneMore,
    /// A count with a wrong total.
    Total,
    /// A count that isn't a number.
    NoCount,
    /// A count that exceeds the number of reviews.
    Sum,
    /// A day that does not exist.
    Day,
    /// A score outside the scale.
    Score,
    /// A second byline.
    Byline,
    /// A number that no review has.
    Number,
}

/// A way to break a page, and an index that chooses the line.
type Choice = (Break, sample::Index);

fn breaks() -> impl Strategy<Value = Vec<Choice>> {
    let kinds = sample::select(vec![
        Break::Above,
        Break::Stray,
        Break::Control,
        Break::Control,
        Break::OneMore,
        Break::Total,
        Break::NoCount,
        Break::Sum,
        Break::Day,
        Break::Score,
        Break::Byline,
        Break::Number,
    ]);
    vec((kinds, any::<sample::Index>()), 1..=5)
}

/// A line of a page to be broken.
#[derive(Debug, Clone)]
struct Line {
    text: String,
    is_wrong: bool,
    /// Whether the part of the page that starts with this line is already broken.
    is_broken: bool,
}

/// The index of the heading, which is the first line.
const HEADING: usize = 0;

/// The lines of a page, with the indexes of its parts.
#[derive(Debug)]
struct Breaker {
    lines: Vec<Line>,
    counts: Vec<usize>,
    reviews: Vec<usize>,
    bylines: Vec<bool>,
    has_wrong_sum: bool,
    /// The inserted lines: the index of the line before each, its text, and whether it is wrong.
    inserted: Vec<(usize, &'static str, bool)>,
    /// The line above the page.
    above: &'static str,
    /// The line below the page.
    below: String,
}

impl Breaker {
    fn new(text: &str, page: &Page) -> Self {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let lines: Vec<_> = text
            .lines()
            .map(|text| Line {
                text: text.to_owned(),
                is_wrong: false,
                is_broken: false,
            })
            .collect();
        let reviews: Vec<_> = page.reviews.iter().map(|review| review.line - 1).collect();
        let end = reviews.first().copied().unwrap_or(lines.len());
        let is_count = |line: &usize| {
            let mut words = lines[*line].text.split_whitespace();
            words.any(|word| word.eq_ignore_ascii_case("out"))
        };
        Self {
            counts: (0..end).filter(is_count).collect(),
            reviews,
            bylines: page
                .reviews
                .iter()
                .map(|review| review.byline.is_some())
                .collect(),
            lines,
            has_wrong_sum: false,
            inserted: Vec::new(),
            above: "",
            below: String::new(),
        }
    }

    /// Chooses one of the lines; returns `None` if it is already broken.
    fn pick(&mut self, lines: &[usize], choice: sample::Index) -> Option<usize> {
        let line = (!lines.is_empty()).then(|| *choice.get(lines))?;
        let was_unbroken = !self.lines[line].is_broken;
        self.lines[line].is_broken = true;
        was_unbroken.then_some(line)
    }

    fn apply(&mut self, (kind, choice): Choice) {
        let (counts, reviews) = (self.counts.clone(), self.reviews.clone());
        match kind {
            Break::Above => self.above = "The Pier (1987)",
            Break::Stray => self.insert(HEADING, "Sort by day", true),
            Break::OneMore if self.below.is_empty() => {
                self.below = format!("{}. 80 Reviewed by: Extra", reviews.len() + 1);
                self.lines[HEADING].is_wrong = true;
            }
            Break::OneMore => {}
            Break::Control => {
                let all = [&[HEADING][..], &counts, &reviews].concat();
                if let Some(line) = self.pick(&all, choice) {
                    self.control(line, choice);
                }
            }
            Break::Total | Break::NoCount | Break::Sum => {
                if let Some(line) = self.pick(&counts, choice) {
                    self.break_count(line, kind);
                }
            }
            Break::Day | Break::Score | Break::Byline | Break::Number => {
                if let Some(line) = self.pick(&reviews, choice) {
                    self.break_review(line, kind);
                }
            }
        }
    }

    fn insert(&mut self, after: usize, text: &'static str, is_wrong: bool) {
        self.inserted.push((after, text, is_wrong));
    }

    /// Inserts a control character into a line, at any position.
    fn control(&mut self, line: usize, choice: sample::Index) {
        let Line { text, is_wrong, .. } = &mut self.lines[line];
        let mut indexes: Vec<_> = text.char_indices().map(|(index, _)| index).collect();
        indexes.push(text.len());
        text.insert(
            *choice.get(&indexes),
            *choice.get(&['\0', '\u{7}', '\u{b}', '\u{85}']),
        );
        *is_wrong = true;
    }

    fn break_count(&mut self, line: usize, kind: Break) {
        let critics = self.reviews.len();
        let mut words: Vec<_> = self.lines[line]
            .text
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        let last = words.len() - 1;
        match kind {
            // The totals differ, because the heading would be wrong if all were the same.
            Break::Total => words[last] = (critics + 7 + line).to_string(),
            // The counts don't add up from the first such line on.
            Break::Sum if !self.has_wrong_sum => {
                words[last - 3] = (critics + 1).to_string();
                self.has_wrong_sum = true;
            }
            Break::Sum => return,
            _ => words[last - 3] = "two".to_owned(),
        }
        let Line { text, is_wrong, .. } = &mut self.lines[line];
        *text = words.join(" ");
        *is_wrong = true;
    }

    fn break_review(&mut self, line: usize, kind: Break) {
        let review = self.reviews.iter().position(|head| *head == line);
        let has_byline = review.is_some_and(|review| self.bylines[review]);
        match kind {
            Break::Day => self.insert(line, "Feb 30, 2009", true),
            Break::Score => self.insert(line, "101", true),
            Break::Byline if !has_byline => {
                self.insert(line, "Reviewed by: Ann", false);
                self.insert(line, "Reviewed by: Bo", true);
            }
            Break::Number => {
                let text = &self.lines[line].text;
                let (_, details) = text.split_once('.').expect("the head of a review");
                // A number alone could be the end of the excerpt before it.
                if !details.trim().is_empty() {
                    self.lines[line].text = format!("0.{details}");
                    self.lines[line].is_wrong = true;
                }
            }
            _ => {}
        }
    }

    /// Returns the page and the numbers of its wrong lines.
    fn finish(self) -> (String, Vec<usize>) {
        let mut lines = vec![(self.above.to_owned(), !self.above.is_empty())];
        for (index, line) in self.lines.into_iter().enumerate() {
            lines.push((line.text, line.is_wrong));
            let inserted = self.inserted.iter().filter(|(after, ..)| *after == index);
            lines.extend(inserted.map(|(_, text, is_wrong)| ((*text).to_owned(), *is_wrong)));
        }
        lines.push((self.below, false));
        let wrong = (1..)
            .zip(&lines)
            .filter(|(_, (_, is_wrong))| *is_wrong)
            .map(|(number, _)| number)
            .collect();
        let text: Vec<_> = lines.into_iter().map(|(text, _)| text).collect();
        (text.join("\n"), wrong)
    }
}

/// Returns the lines that have errors.
pub(super) fn error_lines(text: &str, order: Order) -> Vec<usize> {
    let Err(errors) = parse(text, order, &SiteRules::default()) else {
        return Vec::new();
    };
    let mut lines: Vec<_> = errors.as_slice().iter().map(PageError::line).collect();
    lines.dedup();
    lines
}

/// Returns a score that the position of a review of this sentiment doesn't allow.
fn misplaced_score(sentiment: Sentiment) -> i64 {
    match sentiment {
        Sentiment::Positive => 30,
        Sentiment::Mixed => 80,
        Sentiment::Negative => 50,
    }
}

/// Sets misplaced scores, and returns the indexes of their reviews.
fn misplace_scores(drafts: &mut [Draft], indexes: &[sample::Index]) -> Vec<usize> {
    let mut changed: Vec<_> = indexes
        .iter()
        .map(|index| index.index(drafts.len()))
        .collect();
    changed.sort_unstable();
    changed.dedup();
    for index in &changed {
        drafts[*index].score = Some(misplaced_score(drafts[*index].sentiment));
    }
    changed
}

proptest! {
    #[test]
    fn exactly_the_broken_lines_are_reported(
        drafts in drafts(),
        unstated in unstated(),
        choices in choices(),
        breaks in breaks(),
    ) {
        let (text, page) = write_page(&drafts, published(&drafts, unstated), choices, None);
        let mut breaker = Breaker::new(&text, &page);
        for choice in breaks {
            breaker.apply(choice);
        }
        let (text, wrong) = breaker.finish();
        prop_assert_eq!(error_lines(&text, Order::BestToWorst), &wrong[..], "{}", text);
        prop_assert_eq!(error_lines(&text, Order::Unordered), wrong, "{}", text);
    }

    #[test]
    fn exactly_the_misplaced_scores_and_the_invalid_days_are_reported(
        mut drafts in drafts().prop_filter("a review to break", |drafts| !drafts.is_empty()),
        choices in choices(),
        scores in vec(any::<sample::Index>(), 1..=3),
        days in vec(any::<sample::Index>(), 0..=2),
    ) {
        let changed = misplace_scores(&mut drafts, &scores);
        let (text, page) = write_page(&drafts, published(&drafts, None), choices, None);
        let mut breaker = Breaker::new(&text, &page);
        for index in changed {
            breaker.lines[page.reviews[index].line - 1].is_wrong = true;
        }
        for day in days {
            breaker.apply((Break::Day, day));
        }
        let (text, wrong) = breaker.finish();
        prop_assert_eq!(error_lines(&text, Order::BestToWorst), wrong, "{}", text);
    }
}
