//! HTML as plain text.

use std::{borrow::Cow, mem};

use html5gum::{DefaultEmitter, HtmlString, Token, Tokenizer};

/// Elements that begin a new paragraph.
const PARAGRAPHS: [&str; 14] = [
    "p",
    "blockquote",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "pre",
    "table",
    "hr",
    "section",
];
/// Elements that begin a new line.
const LINES: [&str; 5] = ["br", "div", "li", "tr", "dt"];
/// Elements whose text is not shown.
const HIDDEN: [&str; 2] = ["script", "style"];

/// Returns the text of HTML, without tags and comments and with entities decoded. Line breaks in the HTML are kept.
/// Paragraphs are separated by a blank line. A text without HTML is returned as it is.
#[must_use]
pub fn html_to_text(html: &str) -> Cow<'_, str> {
    if !html.contains(['<', '&']) {
        return Cow::Borrowed(html);
    }
    let mut text = TextWriter::default();
    // Reads the content of a script as text up to the end of the script, as browsers do.
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut hidden: Option<HtmlString> = None;
    for Ok(token) in Tokenizer::new_with_emitter(html, emitter) {
        match token {
            Token::StartTag(tag) => {
                text.begin(&tag.name);
                if is_one_of(&tag.name, &HIDDEN) {
                    hidden = Some(tag.name);
                }
            }
            Token::EndTag(tag) => {
                if hidden.as_ref() == Some(&tag.name) {
                    hidden = None;
                }
                text.end(&tag.name);
            }
            Token::String(string) if hidden.is_none() => {
                text.write(&String::from_utf8_lossy(&string));
            }
            Token::String(_) | Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    Cow::Owned(text.finish())
}

/// The text that was read so far.
#[derive(Default)]
struct TextWriter {
    text: String,
    /// The number of line breaks that the next text needs before it.
    breaks: usize,
}

impl TextWriter {
    fn begin(&mut self, element: &[u8]) {
        if is_one_of(element, &PARAGRAPHS) {
            self.breaks = self.breaks.max(2);
        } else if element == b"br" {
            self.breaks += 1;
        } else if is_one_of(element, &LINES) {
            self.breaks = self.breaks.max(1);
        }
    }

    fn end(&mut self, element: &[u8]) {
        if element != b"br" {
            self.begin(element);
        }
    }

    fn write(&mut self, string: &str) {
        // Line breaks of the HTML count for those that the elements need.
        let trimmed = if self.breaks > 0 {
            let trimmed = string.trim_start();
            let skipped = string
                .get(..string.len() - trimmed.len())
                .unwrap_or_default();
            self.breaks = self.breaks.max(skipped.matches('\n').count());
            trimmed
        } else {
            string
        };
        if trimmed.is_empty() {
            return;
        }
        let breaks = mem::take(&mut self.breaks).min(2);
        if breaks > 0 {
            self.text.truncate(self.text.trim_end().len());
            if !self.text.is_empty() {
                self.text.push_str(&"\n\n"[..breaks]);
            }
        }
        self.text.push_str(trimmed);
    }

    fn finish(mut self) -> String {
        self.text.truncate(self.text.trim_end().len());
        self.text
    }
}

fn is_one_of(element: &[u8], names: &[&str]) -> bool {
    names.iter().any(|name| name.as_bytes() == element)
}

#[cfg(test)]
mod tests;
