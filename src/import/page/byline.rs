//! Bylines: what stands after "Reviewed by:".

use super::lines::{self, clean};

/// What pages write in brackets beside, or instead of, the name of a critic whom they do not
/// credit.
const MARKS: [&str; 2] = ["not credited", "uncredited"];
/// What pages write instead of a name.
const NOBODY: [&str; 6] = [
    "staff",
    "uncredited",
    "not credited",
    "anonymous",
    "unknown",
    "n/a",
];

/// A byline as the page has it: never empty, without outer blanks, and with one space for each run
/// of inner ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Byline(String);

impl Byline {
    /// Cleans a byline; `None` if nothing but blanks is in it.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = clean(text);
        (!text.is_empty()).then_some(Self(text))
    }

    /// The byline as written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The critic whom the byline names, which is all of it; `None` if it credits nobody: it
    /// carries a mark such as "[Not Credited]", or is as a whole a word such as "Staff", or has no
    /// letter in it.
    #[must_use]
    pub fn critic(&self) -> Option<&str> {
        let names_nobody = is_one_of(&self.0, &NOBODY) || !self.0.contains(char::is_alphabetic);
        (!names_nobody && !self.is_marked_uncredited()).then_some(self.text())
    }

    /// Whether some pair of brackets encloses nothing but a mark.
    fn is_marked_uncredited(&self) -> bool {
        self.0
            .split(['[', '('])
            .skip(1)
            .filter_map(|opened| opened.split_once([']', ')']))
            .any(|(enclosed, _)| is_one_of(enclosed, &MARKS))
    }
}

/// What follows "Reviewed by:" on a line that starts so.
pub(super) fn after_keyword(line: &str) -> Option<&str> {
    let rest = lines::after_keyword(line, "Reviewed by")?;
    rest.trim_start().strip_prefix(':')
}

/// Whether `text` is one of some lower-case words, whatever its case, and in brackets or not.
fn is_one_of(text: &str, words: &[&str]) -> bool {
    let text = text.trim_matches(['[', ']', '(', ')', ' ']);
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn critic(text: &str) -> Option<String> {
        Byline::new(text).and_then(|byline| byline.critic().map(str::to_owned))
    }

    #[test]
    fn a_byline_that_names_a_critic_credits_her() {
        for name in [
            "Ida Quist",
            "J. Staff",
            "Anonymous Bosch",
            "Ida Quist (Evening Post)",
            "Staffan Ek",
            "Ida [sic",
        ] {
            assert_eq!(critic(name).as_deref(), Some(name));
        }
    }

    #[test]
    fn a_byline_with_a_bracketed_mark_credits_nobody() {
        for byline in [
            "Desk [Not Credited]",
            "Desk (uncredited)",
            "[ NOT CREDITED ] Desk",
            "(a) [b] (Not Credited)",
            "[uncredited]",
        ] {
            assert_eq!(critic(byline), None, "{byline}");
        }
    }

    #[test]
    fn a_byline_that_is_a_word_for_nobody_credits_nobody() {
        for byline in [
            "Staff",
            "STAFF",
            "uncredited",
            "Not  credited",
            "Anonymous",
            "unknown",
            "N/A",
            "(Staff)",
            "--",
            "?",
        ] {
            assert_eq!(critic(byline), None, "{byline}");
        }
    }

    #[test]
    fn a_byline_is_cleaned_of_blanks_and_otherwise_kept() {
        let byline = Byline::new("\u{a0} Ida \t\u{2007} Quist\u{202f}").expect("not blank");
        assert_eq!(byline.text(), "Ida Quist");
        assert_eq!(Byline::new(" \u{a0}\t"), None);
    }
}
