//! How plausible a text is that an encoding makes of bytes.

use encoding_rs::Encoding;

/// The number of words that a refusal shows.
const SHOWN_WORDS: usize = 3;

/// The text that an encoding makes of words, and the number of words that are flawed in it: with characters that no text
/// has, or with letters of several scripts.
pub(super) struct Reading {
    pub text: String,
    pub flaws: usize,
}

impl Reading {
    pub fn new(encoding: &'static Encoding, words: &[u8]) -> Self {
        let (text, _) = encoding.decode_without_bom_handling(words);
        let flaws = text.split(' ').filter(|word| is_flawed(word)).count();
        Self {
            text: text.into_owned(),
            flaws,
        }
    }
}

/// The scripts that the encodings have, as far as they are not mixed in a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
    Hebrew,
    Arabic,
    Thai,
    EastAsian,
}

impl Script {
    fn of(character: char) -> Option<Self> {
        match character {
            // The signs for ordinals, µ, × and ÷ stand beside any script.
            'ª' | 'º' | 'µ' | '×' | '÷' => None,
            'A'..='Z' | 'a'..='z' | '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' => {
                Some(Self::Latin)
            }
            '\u{370}'..='\u{3FF}' => Some(Self::Greek),
            '\u{400}'..='\u{4FF}' => Some(Self::Cyrillic),
            '\u{5D0}'..='\u{5F4}' => Some(Self::Hebrew),
            '\u{620}'..='\u{6FF}' => Some(Self::Arabic),
            '\u{E00}'..='\u{E7F}' => Some(Self::Thai),
            '\u{1100}'..='\u{11FF}'
            | '\u{3040}'..='\u{9FFF}'
            | '\u{AC00}'..='\u{D7AF}'
            | '\u{F900}'..='\u{FAFF}'
            | '\u{FF10}'..='\u{FFDC}' => Some(Self::EastAsian),
            _ => None,
        }
    }
}

/// Returns whether no text has such a word.
fn is_flawed(word: &str) -> bool {
    let is_no_text = |character: char| matches!(character, '\u{80}'..='\u{9F}' | '\u{E000}'..='\u{F8FF}' | '\u{FFFD}');
    let mut scripts = word.chars().filter_map(Script::of);
    let first = scripts.next();
    word.chars().any(is_no_text) || scripts.any(|script| Some(script) != first)
}

/// Returns what an encoding makes of the first words of which the candidates make different texts.
pub(super) fn excerpt(
    encoding: &'static Encoding,
    words: &[Vec<u8>],
    candidates: &[&'static Encoding],
) -> String {
    let decode = |encoding: &'static Encoding, word: &[u8]| {
        encoding.decode_without_bom_handling(word).0.into_owned()
    };
    let differs = |word: &&Vec<u8>| {
        let mut texts = candidates.iter().map(|candidate| decode(candidate, word));
        let first = texts.next();
        texts.any(|text| Some(text) != first)
    };
    let shown = words.iter().filter(differs).take(SHOWN_WORDS);
    let shown: Vec<String> = shown.map(|word| decode(encoding, word)).collect();
    shown.join(" ")
}
