//! Shortens a passage for a preview.

use unicode_segmentation::UnicodeSegmentation;

/// The mark of a shortened text. It counts as a character.
const ELLIPSIS: &str = "…";

/// Returns a passage on one line with at most `limit` characters, as readers count them: a flag or a letter with its
/// accents is one. A longer passage is cut after a word, and ends with "…". Only a word that is too long by itself is cut
/// within.
///
/// The words are those of Unicode, so that text without blanks, such as Chinese, is cut as well.
#[must_use]
pub fn shorten(passage: &str, limit: usize) -> String {
    let line = begin_of_line(passage, limit);
    let starts = line.grapheme_indices(true).map(|(start, _)| start);
    // The starts of the last character that fits, and of the one after it.
    let mut last = starts.skip(limit.saturating_sub(1));
    let (Some(cut), Some(_)) = (last.next(), last.next()) else {
        return line;
    };
    let words = line.split_word_bound_indices();
    let starts = words.map(|(start, _)| start);
    let end = starts.take_while(|start| *start <= cut).last();
    let end = end.filter(|end| *end > 0).unwrap_or(cut);
    let kept = line[..end].trim_end_matches(|c: char| c.is_whitespace() || is_joining(c));
    format!("{kept}{ELLIPSIS}")
}

/// Returns the words of a passage on one line, up to the first one with which there are more characters than `limit`. The
/// rest of a long passage isn't read.
fn begin_of_line(passage: &str, limit: usize) -> String {
    let mut line = String::new();
    let mut length = 0;
    for word in passage.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
            length += 1;
        }
        line.push_str(word);
        length += word.graphemes(true).take(limit + 1).count();
        if length > limit {
            break;
        }
    }
    line
}

/// Returns whether a mark joins a word to the next one, and would stand in front of the ellipsis without one.
fn is_joining(c: char) -> bool {
    matches!(c, ',' | ';' | ':' | '-' | '–' | '—' | '(' | '[' | '/')
}

#[cfg(test)]
mod tests;
