//! The distribution: `1. Positive: 9 out of 12` and its like, up to the caption of the reviews.

use std::mem;

use crate::score::Sentiment;

use super::{
    entry::Head,
    error::{PageError, Problem, word},
    errors::Found,
    heading::Heading,
    lines::{self, Line, Rest},
    numbering::Numbering,
    published::Published,
};

const CAPTION: &str = "Critic score distribution";
const REVIEWS_CAPTION: &str = "Critic Reviews";
const EXPECTED: &str = r#""Critic Reviews", or a count such as "Positive: 9 out of 12""#;

/// What stands between the heading and the reviews.
///
/// Some of what is wrong with it is only found here and told by `judgement`, as it depends on the
/// reviews whether the heading is what's wrong instead.
#[derive(Debug)]
pub(super) struct Distribution {
    /// The label and the counts. The critics are none if the heading can't be read.
    pub published: Published,
    /// What the counts say that they are out of.
    pub totals: Totals,
    /// The first count with which they don't add up.
    pub sum: Option<PageError>,
    /// The end of the page, if it comes before the reviews, and must not.
    pub end: Option<PageError>,
    /// Whether every line up to the reviews was read, and none is wrong.
    pub is_sound: bool,
    /// Whether it goes on up to the caption of the reviews.
    pub is_whole: bool,
    /// How the numbers of the reviews start; `None` if the page ends before them.
    pub list: Option<Numbering>,
}

impl Distribution {
    /// How many critics there are: as the heading says, unless the counts all say otherwise; `None`
    /// if that isn't certain.
    pub fn certain_critics(&self, heading: &Heading) -> Option<u32> {
        let critics = heading.critics?;
        self.totals
            .rival(Some(critics))
            .is_none()
            .then_some(critics)
    }
}

/// What the counts say that they are out of.
#[derive(Debug, Default)]
pub(super) struct Totals {
    /// All of them if they agree, else some.
    values: Vec<u32>,
    /// Those that contradict the heading, in the order of the page.
    pub wrong: Found,
}

impl Totals {
    /// The number that all counts say they are out of, if it isn't the heading's.
    pub fn rival(&self, critics: Option<u32>) -> Option<u32> {
        match self.values[..] {
            [total] if Some(total) != critics => Some(total),
            _ => None,
        }
    }

    fn add(&mut self, total: u32) {
        if self.values.len() < 2 && !self.values.contains(&total) {
            self.values.push(total);
        }
    }
}

/// Reads the lines between the heading and the reviews, and the caption of the reviews too.
///
/// The caption may be missing where nothing could follow it: on a page of no critics that ends
/// here. Elsewhere a review without the caption before it ends the distribution, so that not each
/// of the reviews' lines is told.
pub(super) fn read(rest: &mut Rest, heading: &Heading, found: &mut Found) -> Distribution {
    let has_caption = has_caption(rest.clone());
    let mut reader = Reader::new(heading, has_caption);
    while let Some(line) = rest.as_slice().first() {
        let part = Part::of(line);
        if let Part::Head { number, .. } = part
            && !has_caption
        {
            reader.end_at_head(line, number, found);
            return reader.distribution;
        }
        rest.next();
        reader.last_line = line.number;
        match part {
            Part::ReviewsCaption => {
                reader.distribution.list = Some(Numbering::new());
                reader.distribution.is_whole = true;
                return reader.distribution;
            }
            Part::Caption => {}
            // Past the caption it is a text, and else it is told once it is known not to be.
            Part::Share(_) if reader.may_be_past_caption => {}
            Part::Share(share) if !line.is_damaged() => reader.take(&share, line, found),
            Part::Share(_) => reader.distribution.is_sound = false,
            Part::LikeAShare | Part::Head { .. } | Part::Other => {
                reader.refuse(line, &part, found);
            }
        }
    }
    reader.end_of_page();
    reader.distribution
}

/// Whether the caption of the reviews is still to come. What comes after two reviews isn't it.
fn has_caption(rest: Rest) -> bool {
    let mut reviews = 0;
    for line in rest {
        match Part::of(line) {
            Part::ReviewsCaption => return true,
            Part::Head { has_text: true, .. } => reviews += 1,
            _ => {}
        }
        if reviews == 2 {
            return false;
        }
    }
    false
}

struct Reader<'a> {
    heading: &'a Heading,
    has_caption: bool,
    distribution: Distribution,
    /// The last line that was read; the heading's before any other.
    last_line: usize,
    /// The counts that were out of another number than the heading's, so that they may be none.
    doubtful_shares: Vec<Sentiment>,
    /// Whether some count came twice, so that nobody knows which one counts.
    has_repeats: bool,
    /// Whether some wrong line may be the missing caption, so that the list may have begun there.
    may_be_past_caption: bool,
    /// Wrong lines after that one. They are wrong only if the list has not begun.
    doubtful: Found,
}

impl<'a> Reader<'a> {
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
                is_sound: heading.critics.is_some(),
                is_whole: false,
                list: None,
            },
            last_line: heading.line,
            doubtful_shares: Vec::new(),
            has_repeats: false,
            may_be_past_caption: false,
            doubtful: Found::default(),
        }
    }

    /// Takes one count over, and holds it against the heading and the counts before it.
    fn take(&mut self, share: &Share, line: &Line, found: &mut Found) {
        let Distribution {
            published,
            totals,
            sum,
            is_sound,
            ..
        } = &mut self.distribution;
        let at_line = |problem| PageError::new(line.number, problem);
        totals.add(share.total);
        let wrong_total = self
            .heading
            .critics
            .filter(|critics| share.total != *critics);
        if let Some(expected) = wrong_total {
            totals.wrong.push(at_line(Problem::Total {
                expected,
                found: share.total,
            }));
            *is_sound = false;
        }
        let slot = match share.sentiment {
            Sentiment::Positive => &mut published.positive,
            Sentiment::Mixed => &mut published.mixed,
            Sentiment::Negative => &mut published.negative,
        };
        if slot.is_some() {
            if !self.doubtful_shares.contains(&share.sentiment) {
                found.push(at_line(Problem::RepeatedCount(share.sentiment)));
            }
            self.has_repeats = true;
            *is_sound = false;
            return;
        }
        *slot = Some(share.count);
        if wrong_total.is_some() {
            self.doubtful_shares.push(share.sentiment);
        }
        let can_tell = self.heading.critics.is_some() && !self.has_repeats && sum.is_none();
        if can_tell && !published.adds_up() {
            *sum = Some(at_line(Problem::Sum {
                expected: published.critics,
                found: published.sum(),
            }));
            *is_sound = false;
        }
    }

    /// Refuses a line that doesn't belong there.
    fn refuse(&mut self, line: &Line, part: &Part, found: &mut Found) {
        self.distribution.is_sound = false;
        if !line.is_damaged() {
            let found = if self.may_be_past_caption {
                &mut self.doubtful
            } else {
                found
            };
            found.push(missing(line));
        }
        let is_a_share = matches!(part, Part::LikeAShare) && !line.is_damaged();
        let may_be_caption = !self.has_caption && !is_a_share;
        self.may_be_past_caption |= may_be_caption;
    }

    /// Ends at a review that has no caption before it.
    fn end_at_head(&mut self, line: &Line, number: Option<u32>, found: &mut Found) {
        let is_first = number == Some(1);
        if is_first {
            found.merge(mem::take(&mut self.doubtful));
        }
        // Of a page that starts amid its reviews no more is known than that its heading is missing.
        let is_first_line = self.last_line == self.heading.line;
        let is_headless = self.heading.critics.is_none() && is_first_line;
        if !self.may_be_past_caption && !is_headless {
            found.push(missing(line));
        }
        let may_start_anywhere = self.may_be_past_caption || is_headless;
        self.distribution.list = Some(if may_start_anywhere && !is_first {
            Numbering::from_anywhere()
        } else {
            Numbering::new()
        });
    }

    /// Ends without a list of reviews.
    fn end_of_page(&mut self) {
        match self.heading.critics {
            Some(0) => self.distribution.list = Some(Numbering::new()),
            Some(_) if !self.may_be_past_caption => {
                let problem = Problem::Ended { expected: EXPECTED };
                self.distribution.end = Some(PageError::new(self.last_line, problem));
            }
            _ => {}
        }
    }
}

fn missing(line: &Line) -> PageError {
    PageError::new(line.number, Problem::unexpected(EXPECTED, &line.text))
}

/// What a line above the reviews is.
#[derive(Debug)]
pub(super) enum Part {
    /// The caption of the distribution.
    Caption,
    /// The caption of the reviews.
    ReviewsCaption,
    /// A count.
    Share(Share),
    /// The start of a review, with a detail at least.
    Head {
        /// The number of the review; `None` if it is beyond all bounds.
        number: Option<u32>,
        /// Whether there is more to it than numbers, so that it can't be a count without its word.
        has_text: bool,
    },
    /// What starts like a count, and is none.
    LikeAShare,
    /// Anything else.
    Other,
}

impl Part {
    /// What a line is, by the first of its readings that makes it anything.
    pub fn of(line: &Line) -> Self {
        // A number in which a control character stood is none to start from.
        let mut parts = line.readings().map(|text| match Self::read(text) {
            Self::Head { .. } if line.is_damaged() => Self::Other,
            part => part,
        });
        let first = parts.next().unwrap_or(Self::Other);
        if first.is_only_below_a_heading() {
            return first;
        }
        parts.find(Self::is_only_below_a_heading).unwrap_or(first)
    }

    /// Whether no line above the heading, and no part of it, would be this.
    pub fn is_only_below_a_heading(&self) -> bool {
        !matches!(self, Self::LikeAShare | Self::Other)
    }

    fn read(text: &str) -> Self {
        if lines::is_caption(text, REVIEWS_CAPTION) {
            return Self::ReviewsCaption;
        }
        if lines::is_caption(text, CAPTION) {
            return Self::Caption;
        }
        if let Some(share) = Share::read(text) {
            return Self::Share(share);
        }
        // A number alone may be that of a count as well.
        if let Some(head) = Head::read(text).filter(|head| !head.is_bare) {
            return Self::Head {
                number: head.number(),
                has_text: text.contains(char::is_alphabetic),
            };
        }
        let is_like_a_share = |rest: &str| rest.contains(|c: char| c == ':' || c.is_ascii_digit());
        if Share::split(text).is_some_and(|(_, rest)| is_like_a_share(rest)) {
            Self::LikeAShare
        } else {
            Self::Other
        }
    }
}

/// What a line of the distribution says.
#[derive(Debug)]
pub(super) struct Share {
    sentiment: Sentiment,
    count: u32,
    total: u32,
}

impl Share {
    fn read(text: &str) -> Option<Self> {
        let (sentiment, rest) = Self::split(text)?;
        let words: Vec<_> = rest
            .trim_start()
            .strip_prefix(':')?
            .split_whitespace()
            .collect();
        match words[..] {
            [count, out, of, total]
                if out.eq_ignore_ascii_case("out") && of.eq_ignore_ascii_case("of") =>
            {
                Some(Self {
                    sentiment,
                    count: lines::count(count)?,
                    total: lines::count(total)?,
                })
            }
            _ => None,
        }
    }

    /// The sentiment with which a text starts, and what follows it.
    fn split(text: &str) -> Option<(Sentiment, &str)> {
        let text = lines::split_list_number(text).map_or(text, |(_, rest)| rest.trim_start());
        Sentiment::ALL
            .into_iter()
            .find_map(|sentiment| Some((sentiment, lines::after_keyword(text, word(sentiment))?)))
    }
}
