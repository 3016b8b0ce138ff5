//! A generator of pages in every form that the parser accepts.

use std::iter;

use chrono::NaiveDate;

use crate::score::{Points, Sentiment};

use crate::import::page::{Byline, Page, PageReview, Published};

/// A review before it is written.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub sentiment: Sentiment,
    pub score: Option<i64>,
    pub byline: Option<String>,
    pub reviewed_on: Option<NaiveDate>,
    pub excerpt: Vec<String>,
}

/// A writer of pages in every accepted form. Random bytes choose the form.
struct PageWriter {
    choices: Box<dyn Iterator<Item = u8>>,
    ending: &'static str,
    line: usize,
    page: String,
}

impl PageWriter {
    fn new(choices: Vec<u8>) -> Self {
        let mut writer = Self {
            choices: Box::new(choices.into_iter().cycle()),
            ending: "",
            line: 1,
            page: String::new(),
        };
        writer.ending = writer.pick(&["\n", "\r\n", "\r"]);
        writer.push(&["", "\u{feff}"]);
        writer
    }

    fn pick<T: Copy>(&mut self, options: &[T]) -> T {
        let choice = self.choices.next().map_or(0, usize::from);
        options[choice % options.len()]
    }

    fn push(&mut self, options: &[&str]) {
        let choice = self.pick(options);
        self.page.push_str(choice);
    }

    /// Writes a line of these words, with whitespace around and between them, and sometimes blank
    /// lines after it.
    fn write(&mut self, text: &str) {
        self.push(&["", "  ", "\t", "\u{a0}\u{a0}"]);
        for (index, word) in text.split(' ').enumerate() {
            if index > 0 {
                self.push(&[" ", "  ", "\t", "\u{a0}", "\u{a0} ", "\u{202f}", "\u{2007}"]);
            }
            self.page.push_str(word);
        }
        self.end();
        for _ in 0..self.pick(&[0, 0, 0, 1, 2]) {
            self.end();
        }
    }

    fn end(&mut self) {
        self.push(&["", "", " ", "\u{a0}\t"]);
        self.page.push_str(self.ending);
        self.line += 1;
    }

    fn keyword(&mut self, word: &str) -> String {
        self.pick(&[str::to_owned, str::to_lowercase, str::to_uppercase])(word)
    }

    fn heading(&mut self, published: &Published) {
        let (dash, based_on) = (self.pick(&["-", "–", "—"]), self.keyword("based on"));
        let critics = self.keyword(if published.critics == 1 {
            "Critic"
        } else {
            "Critics"
        });
        self.write(&format!(
            "{} {dash} {based_on} {} {critics}",
            published.label, published.critics
        ));

        let mut counts = [
            ("Positive", published.positive),
            ("Mixed", published.mixed),
            ("Negative", published.negative),
        ];
        counts.rotate_left(self.pick(&[0, 1, 2]));
        let caption = self.keyword("Critic score distribution:");
        self.write(&caption);
        for (number, (word, count)) in (1..).zip(counts) {
            let Some(count) = count else { continue };
            let (word, out_of) = (self.keyword(word), self.keyword("out of"));
            let number = self
                .pick(&[Some(number), None])
                .map_or(String::new(), |number| format!("{number}. "));
            self.write(&format!(
                "{number}{word}: {count} {out_of} {}",
                published.critics
            ));
        }
        let caption = self.keyword("Critic Reviews");
        self.write(&caption);
    }

    /// Writes a review in one of the forms, and returns the expected result of parsing it.
    fn review(&mut self, number: u32, draft: &Draft) -> PageReview {
        let line = self.line;
        let score = draft.score.map(|score| score.to_string());
        let byline = draft
            .byline
            .as_ref()
            .map(|byline| format!("{} {byline}", self.keyword("Reviewed by:")));
        let form = self.pick(&["%b %-d, %Y", "%B %-d, %Y", "%-d %b %Y", "%Y-%m-%d"]);
        let day = draft.reviewed_on.map(|day| day.format(form).to_string());

        let (head, detail_lines) = match self.pick(&[0, 1, 2, 3, 4]) {
            0 => (vec![score, byline], vec![day]),
            1 => (vec![score], vec![byline, day]),
            2 => (vec![byline], vec![score, day]),
            3 => (vec![score, day], vec![byline]),
            _ => (vec![], vec![day, byline, score]),
        };
        let head: Vec<_> = iter::once(format!("{number}."))
            .chain(head.into_iter().flatten())
            .collect();
        self.write(&head.join(" "));
        for text in detail_lines.iter().flatten().chain(&draft.excerpt) {
            self.write(text);
        }
        PageReview {
            line,
            number,
            byline: draft.byline.as_deref().and_then(Byline::new),
            score: draft.score.and_then(Points::new),
            sentiment: Some(draft.sentiment),
            reviewed_on: draft.reviewed_on,
            excerpt: Some(draft.excerpt.join("\n")).filter(|excerpt| !excerpt.is_empty()),
        }
    }
}

/// Writes a page without the review number `omitted_number`, and returns it with the expected result of
/// parsing it.
pub(super) fn write_page(
    drafts: &[Draft],
    published: Published,
    choices: Vec<u8>,
    omitted_number: Option<u32>,
) -> (String, Page) {
    let mut writer = PageWriter::new(choices);
    writer.heading(&published);
    let numbered = (1..)
        .zip(drafts)
        .filter(|(number, _)| Some(*number) != omitted_number);
    let reviews = numbered
        .map(|(number, draft)| writer.review(number, draft))
        .collect();
    (writer.page, Page { published, reviews })
}
