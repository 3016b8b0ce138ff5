//! The choice of a language: by the header `Accept-Language` (RFC 9110), and by lookup (RFC 4647, section 3.4).

use std::cmp::Reverse;

use super::Translations;

/// The maximum number of characters of a language tag: those of RFC 5646, section 4.4.1.
pub const MAX_TAG_CHARS: usize = 35;

/// The maximum number of ranges of a header that are read. Browsers send fewer than ten.
const MAX_RANGES: usize = 32;

/// The index of the default language.
pub(super) const DEFAULT: usize = 0;

/// The script of Chinese in these regions, in lower case, which a tag usually omits.
const TRADITIONAL_CHINESE: [&str; 3] = ["zh-tw", "zh-hk", "zh-mo"];

/// Returns whether a text is a language tag by its form: a language of two to eight letters, and subtags of up to eight
/// letters and digits, separated by hyphens.
#[must_use]
pub fn is_language_tag(text: &str) -> bool {
    let mut subtags = text.split('-');
    let is_language = subtags.next().is_some_and(|language| {
        (2..=8).contains(&language.len()) && language.bytes().all(|byte| byte.is_ascii_alphabetic())
    });
    is_language && text.len() <= MAX_TAG_CHARS && subtags.all(is_subtag)
}

fn is_subtag(subtag: &str) -> bool {
    (1..=8).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

impl Translations {
    /// Returns the index of the language for the values of `Accept-Language`: that of the range with the highest
    /// quality that has one. It is the default language if there is none.
    ///
    /// A range that can't be read is skipped. `*` stands for the default language. A range with the quality 0 excludes
    /// its language.
    pub fn negotiate<'h>(&self, headers: impl IntoIterator<Item = &'h str>) -> usize {
        let ranges = headers.into_iter().flat_map(|header| header.split(','));
        let ranges = ranges.filter_map(parse_range).take(MAX_RANGES);
        let mut ranges: Vec<_> = ranges.collect();
        // The sort is stable: of two ranges with the same quality, the first one comes first.
        ranges.sort_by_key(|(_, quality)| Reverse(*quality));
        let is_excluded = |index: usize| {
            let tag = &self.at(index).tag;
            ranges
                .iter()
                .any(|(range, quality)| *quality == 0 && range.eq_ignore_ascii_case(tag))
        };
        let mut accepted = ranges.iter().filter(|(_, quality)| *quality > 0);
        let found = accepted.find_map(|(range, _)| {
            let index = if *range == "*" {
                Some(DEFAULT)
            } else {
                self.lookup(range)
            };
            index.filter(|index| !is_excluded(*index))
        });
        found.unwrap_or(DEFAULT)
    }

    /// Returns the index of the language for a language tag: that of the longest part of the tag that is a language, or
    /// else a language that the whole tag is a part of.
    pub(super) fn lookup(&self, tag: &str) -> Option<usize> {
        self.longest_part(tag).or_else(|| {
            self.position(|known| {
                let parts = known.get(..tag.len()).zip(known.get(tag.len()..));
                parts.is_some_and(|(start, rest)| {
                    start.eq_ignore_ascii_case(tag) && rest.starts_with('-')
                })
            })
        })
    }

    /// Returns the index of the longest part of a language tag that is a language: "zh-Hant-TW" is looked up as it is,
    /// as "zh-Hant", and as "zh".
    pub(super) fn longest_part(&self, tag: &str) -> Option<usize> {
        let mut part = tag;
        loop {
            let mut index = self.position(|known| known.eq_ignore_ascii_case(part));
            let mut traditional = TRADITIONAL_CHINESE.iter();
            if index.is_none() && traditional.any(|tag| part.eq_ignore_ascii_case(tag)) {
                index = self.position(|known| known == "zh-Hant");
            }
            if index.is_some() {
                return index;
            }
            let (shorter, _) = part.rsplit_once('-')?;
            // A subtag of one character belongs to the one after it.
            part = match shorter.rsplit_once('-') {
                Some((before, single)) if single.len() == 1 => before,
                _ => shorter,
            };
        }
    }

    fn position(&self, is_wanted: impl Fn(&str) -> bool) -> Option<usize> {
        self.languages()
            .position(|language| is_wanted(&language.tag))
    }
}

/// Parses a range with its quality in thousandths; `None` if either is invalid.
fn parse_range(text: &str) -> Option<(&str, u16)> {
    let mut parts = text.split(';');
    let range = parts.next()?.trim();
    if range != "*" && !is_language_tag(range) {
        return None;
    }
    let mut quality = 1_000;
    for parameter in parts {
        let (name, value) = parameter.split_once('=')?;
        if name.trim().eq_ignore_ascii_case("q") {
            quality = parse_quality(value.trim())?;
        }
    }
    Some((range, quality))
}

/// Parses a quality: from 0 to 1, with up to three digits after the point.
fn parse_quality(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_valid = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    if !is_valid {
        return None;
    }
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(3);
    let thousandths = digits.fold(0, |value, digit| 10 * value + u16::from(digit - b'0'));
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1_000),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
