//! Finds the encoding of a text.
//!
//! A byte-order mark decides, then UTF-8, which other text practically never is by chance. For anything else `chardetng`
//! guesses. Its guess is always some encoding, and from a few words often the wrong one, so the guess is checked: it is
//! taken only where the encodings that the detector prefers for other languages would read the same text, or where the
//! guesses for both halves of the words read the whole text alike.

mod plausible;

use std::{collections::HashSet, fmt, io::Read};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::Encoding;

use self::plausible::{Reading, excerpt};
use super::{TableError, shared_file::SharedFile};
use crate::import::source::{
    BUFFER_SIZE, Options, Progress, Source, SourceError, TextEncoding, decompressed, first_bytes,
};

/// The maximum number of different words with non-ASCII bytes that are compared.
const MAX_WORDS: usize = 2_000;
/// The maximum length of such a word, in bytes. A longer one is cut.
const MAX_WORD: usize = 256;
/// The number of words from which the guesses for both halves of them can confirm the guess for all.
const MIN_WORDS: usize = 4;
/// The number of encodings that a refusal names.
const MAX_CANDIDATES: usize = 4;
/// The length of the longest byte-order mark.
const MARK_LENGTH: u64 = 3;
/// Domains whose languages the detector prefers to others, with all encodings that it knows. Of two encodings that read a
/// text alike, a refusal names that of the first domain: for Czech it is windows-1250, for Polish ISO-8859-2.
const DOMAINS: [&str; 18] = [
    "fr", "cz", "pl", "ru", "ua", "tr", "gr", "jp", "cn", "tw", "kr", "il", "lt", "vn", "th", "is",
    "ir", "hu",
];

/// The encoding of a text, and how it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FoundEncoding {
    pub encoding: TextEncoding,
    /// Whether the encoding is a guess, which the user may have to correct.
    is_detected: bool,
}

impl FoundEncoding {
    const fn known(encoding: TextEncoding) -> Self {
        Self {
            encoding,
            is_detected: false,
        }
    }
}

impl fmt::Display for FoundEncoding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let detected = if self.is_detected { " (detected)" } else { "" };
        write!(formatter, "{}{detected}", self.encoding.name())
    }
}

/// Finds the encoding of a file. `requested` is the one that the user names.
pub(super) fn find(
    file: &SharedFile,
    requested: Option<TextEncoding>,
) -> Result<FoundEncoding, TableError> {
    if let Some(encoding) = requested {
        return Ok(FoundEncoding::known(encoding));
    }
    let head = first_bytes(&mut decompressed(file.reader())?, MARK_LENGTH)?;
    if let Some((encoding, _)) = Encoding::for_bom(&head) {
        return Ok(FoundEncoding::known(encoding.into()));
    }
    match check_utf_8(file) {
        Ok(()) => Ok(FoundEncoding::known(TextEncoding::default())),
        Err(SourceError::NotUtf8 { .. }) => detect(file),
        Err(error) => Err(error.into()),
    }
}

/// Reads the whole file as UTF-8.
fn check_utf_8(file: &SharedFile) -> Result<(), SourceError> {
    let progress = Progress::of_size(file.size());
    let source = Source::with_progress(file.reader(), &progress, Options::default())?;
    let mut text = source.into_text();
    let mut buffer = vec![0; BUFFER_SIZE];
    while text.read(&mut buffer)? > 0 {}
    Ok(())
}

/// Guesses the encoding, or names the candidates.
fn detect(file: &SharedFile) -> Result<FoundEncoding, TableError> {
    let words = words(decompressed(file.reader())?)?;
    match guess(&words) {
        Ok(encoding) => Ok(FoundEncoding {
            encoding: encoding.into(),
            is_detected: true,
        }),
        Err(candidates) => Err(TableError::UnsureEncoding(refusal(&words, &candidates))),
    }
}

/// Returns the different words with non-ASCII bytes. A word ends with a byte that no encoding uses for a part of a
/// character.
fn words(mut bytes: impl Read) -> Result<Vec<Vec<u8>>, SourceError> {
    let ends_word = |byte: u8| byte < 0x30 || (0x3A..0x40).contains(&byte);
    let mut words = Words::default();
    let mut word = Vec::new();
    let mut buffer = vec![0; BUFFER_SIZE];
    while words.in_order.len() < MAX_WORDS {
        let length = bytes.read(&mut buffer)?;
        if length == 0 {
            words.add(&word);
            break;
        }
        for byte in buffer.iter().take(length) {
            if ends_word(*byte) {
                words.add(&word);
                word.clear();
            } else if word.len() < MAX_WORD {
                word.push(*byte);
            }
        }
    }
    Ok(words.in_order)
}

/// Different words, in the order of the file.
#[derive(Default)]
struct Words {
    seen: HashSet<Vec<u8>>,
    in_order: Vec<Vec<u8>>,
}

impl Words {
    fn add(&mut self, word: &[u8]) {
        if !word.is_ascii() && !self.seen.contains(word) {
            self.seen.insert(word.to_owned());
            self.in_order.push(word.to_owned());
        }
    }
}

/// Returns the encoding of words, or all that they may have.
fn guess(words: &[Vec<u8>]) -> Result<&'static Encoding, Vec<&'static Encoding>> {
    let all = joined(words.iter());
    let detector = Detector::new(&all);
    let guess = detector.guess(None);
    let reading = Reading::new(guess, &all);
    let mut candidates = vec![guess];
    for domain in DOMAINS {
        let candidate = detector.guess(Some(domain));
        if candidates.contains(&candidate) {
            continue;
        }
        let other = Reading::new(candidate, &all);
        if other.text != reading.text && other.flaws <= reading.flaws {
            candidates.push(candidate);
        }
    }
    if candidates.len() == 1 && reading.flaws == 0 {
        return Ok(guess);
    }
    let is_confirmed = |parity: usize| {
        let half = joined(words.iter().skip(parity).step_by(2));
        let guess = Detector::new(&half).guess(None);
        Reading::new(guess, &all).text == reading.text
    };
    if words.len() >= MIN_WORDS && reading.flaws == 0 && is_confirmed(0) && is_confirmed(1) {
        return Ok(guess);
    }
    Err(candidates)
}

/// The detector, after it has read a text.
struct Detector(EncodingDetector);

impl Detector {
    fn new(text: &[u8]) -> Self {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(text, true);
        Self(detector)
    }

    /// Returns the guess for the languages of a domain.
    fn guess(&self, domain: Option<&str>) -> &'static Encoding {
        self.0.guess(domain.map(str::as_bytes), Utf8Detection::Deny)
    }
}

fn joined<'w>(words: impl Iterator<Item = &'w Vec<u8>>) -> Vec<u8> {
    let mut text = Vec::new();
    for word in words {
        text.extend_from_slice(word);
        text.push(b' ');
    }
    text
}

/// Describes what each of the candidates makes of the first words that they read differently.
fn refusal(words: &[Vec<u8>], candidates: &[&'static Encoding]) -> String {
    let mut readings: Vec<(&str, String)> = Vec::new();
    for candidate in candidates {
        let text = excerpt(candidate, words, candidates);
        if readings.iter().all(|(_, other)| *other != text) {
            readings.push((candidate.name(), text));
        }
    }
    readings.truncate(MAX_CANDIDATES);
    let list: Vec<String> = readings
        .iter()
        .map(|(name, text)| format!("--encoding {name} reads {text:?}"))
        .collect();
    format!(
        "it isn't UTF-8, and its other encoding isn't certain; pass the one that reads it rightly: {}",
        list.join(", ")
    )
}

#[cfg(test)]
mod tests;
