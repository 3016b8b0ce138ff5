//! Media types and media ranges as clients write them, in `Content-Type` and in `Accept`.
//!
//! The parser is lenient: it skips what it can't read and returns the rest, because a client that sends one odd member
//! still means the others. The parser of `mime` rejects a blank before `;`, and with it the whole header.

/// A media type or a media range, with its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaRange {
    /// The type and the subtype, in lower case, such as `application/json` or `text/*`.
    pub essence: String,
    /// The names in lower case, and the values as sent, without their quotes.
    parameters: Vec<(String, String)>,
}

/// The highest quality, in thousandths.
pub const MAX_QUALITY: u16 = 1_000;

impl MediaRange {
    /// Parses one member. Returns `None` if it has no type and subtype. Parameters that can't be read are skipped.
    pub fn parse(text: &str) -> Option<Self> {
        let mut pieces = split_unquoted(text, ';');
        let essence = pieces.next()?.trim().to_ascii_lowercase();
        // Some clients of old Java versions send `*` for `*/*`.
        let essence = if essence == "*" {
            "*/*".to_owned()
        } else {
            essence
        };
        let (kind, subtype) = essence.split_once('/')?;
        if !is_token(kind) || !is_token(subtype) {
            return None;
        }
        let parameters = pieces.filter_map(parameter).collect();
        Some(Self {
            essence,
            parameters,
        })
    }

    /// Parses a list, such as the value of `Accept`. Members that can't be read are skipped.
    pub fn parse_list(text: &str) -> impl Iterator<Item = Self> {
        split_unquoted(text, ',').filter_map(Self::parse)
    }

    /// Returns the value of a parameter, by its name in lower case.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let mut parameters = self.parameters.iter();
        let (_, value) = parameters.find(|(other, _)| other == name)?;
        Some(value)
    }

    /// Returns the quality in thousandths. A missing one is the highest, and so is one that is not a number.
    pub fn quality(&self) -> u16 {
        self.parameter("q")
            .and_then(thousandths)
            .unwrap_or(MAX_QUALITY)
    }
}

/// Splits at a separator that is not within a quoted string. If a quoted string does not end, quotes have no meaning:
/// otherwise one odd quote would hide the rest of a list.
fn split_unquoted(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut all = Quotes::default();
    text.chars().for_each(|character| all.read(character));
    let are_balanced = !all.is_quoted;
    let mut quotes = Quotes::default();
    text.split(move |character| {
        quotes.read(character);
        character == separator && !(quotes.is_quoted && are_balanced)
    })
}

/// Where quoted strings begin and end.
#[derive(Clone, Copy, Debug, Default)]
struct Quotes {
    is_quoted: bool,
    is_escaped: bool,
}

impl Quotes {
    /// Reads the next character.
    fn read(&mut self, character: char) {
        match character {
            _ if self.is_escaped => self.is_escaped = false,
            '\\' if self.is_quoted => self.is_escaped = true,
            '"' => self.is_quoted = !self.is_quoted,
            _ => {}
        }
    }
}

fn parameter(piece: &str) -> Option<(String, String)> {
    let (name, value) = piece.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    let unquoted = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'));
    let value = unquoted.map_or_else(|| value.to_owned(), unescape);
    is_token(name).then(|| (name.to_ascii_lowercase(), value))
}

/// Removes the backslashes of a quoted string.
fn unescape(quoted: &str) -> String {
    let mut characters = quoted.chars();
    std::iter::from_fn(|| match characters.next()? {
        '\\' => characters.next(),
        character => Some(character),
    })
    .collect()
}

/// Returns whether a text is a token (RFC 9110, 5.6.2).
fn is_token(text: &str) -> bool {
    let is_token_byte =
        |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_token_byte)
}

/// Parses a quality, such as `1`, `0.8` or `1.000`. Returns `None` for a text that is not a number.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let are_digits = [whole, fraction]
        .iter()
        .all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    if !are_digits || whole.len() + fraction.len() == 0 {
        return None;
    }
    if whole.bytes().any(|digit| digit != b'0') {
        return Some(MAX_QUALITY);
    }
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(3);
    Some(digits.fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0')))
}

#[cfg(test)]
mod tests;
