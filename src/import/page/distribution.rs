//! The distribution: `1. Positive: 9 out of 12` and its like, up to the caption of the reviews.

use crate::score::Sentiment;

use super::{
    error::{PageError, Problem, word},
    heading::Heading,
    lines::{self, Line, Rest},
    published::Published,
};

const CAPTION: &str = "Critic score distribution";
const REVIEWS_CAPTION: &str = "Critic Reviews";
const EXPECTED: &str = r#""Critic Reviews", or a count such as "Positive: 9 out of 12""#;

/// Reads the lines between the heading and the reviews, and the caption of the reviews too.
///
/// The caption may be missing where nothing could follow it: on a page of no critics that ends
/// here.
pub(super) fn read(rest: &mut Rest, heading: &Heading) -> Result<Published, PageError> {
    let mut published = Published {
        label: heading.label.clone(),
        critics: heading.critics,
        positive: None,
        mixed: None,
        negative: None,
    };
    let mut last_line = heading.line;
    for line in rest.by_ref() {
        last_line = line.number;
        if lines::is_caption(&line.text, REVIEWS_CAPTION) {
            return Ok(published);
        }
        if !lines::is_caption(&line.text, CAPTION) {
            take(&mut published, line).map_err(|problem| PageError::new(line.number, problem))?;
        }
    }
    if published.critics == 0 {
        return Ok(published);
    }
    Err(PageError::new(
        last_line,
        Problem::Ended { expected: EXPECTED },
    ))
}

/// Takes one count over, unless it contradicts the heading or the counts before it.
fn take(published: &mut Published, line: &Line) -> Result<(), Problem> {
    let share = Share::read(&line.text).ok_or_else(|| Problem::unexpected(EXPECTED, &line.text))?;
    if share.total != published.critics {
        return Err(Problem::Total {
            expected: published.critics,
            found: share.total,
        });
    }
    let slot = match share.sentiment {
        Sentiment::Positive => &mut published.positive,
        Sentiment::Mixed => &mut published.mixed,
        Sentiment::Negative => &mut published.negative,
    };
    if slot.replace(share.count).is_some() {
        return Err(Problem::RepeatedCount(share.sentiment));
    }
    if published.adds_up() {
        Ok(())
    } else {
        Err(Problem::Sum {
            expected: published.critics,
            found: published.sum(),
        })
    }
}

/// What a line of the distribution says.
struct Share {
    sentiment: Sentiment,
    count: u32,
    total: u32,
}

impl Share {
    fn read(text: &str) -> Option<Self> {
        let text = lines::split_list_number(text).map_or(text, |(_, rest)| rest.trim_start());
        let (sentiment, rest) = [Sentiment::Positive, Sentiment::Mixed, Sentiment::Negative]
            .into_iter()
            .find_map(|sentiment| {
                Some((sentiment, lines::after_keyword(text, word(sentiment))?))
            })?;
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
}
