//! The parts of names that are indexed.

/// What is before the first character of a word, and after its last.
const EDGE: char = ' ';

/// Returns the distinct trigrams of words that are separated by single blanks, in ascending order: three characters each,
/// those at the edges of a word with what is beyond them.
pub fn trigrams(words: &str) -> Vec<u64> {
    let mut trigrams = Vec::with_capacity(words.len() + 8);
    for word in words.split(EDGE).filter(|word| !word.is_empty()) {
        add_word(word, true, &mut trigrams);
    }
    distinct(trigrams)
}

/// Returns the trigrams of the words of a text, whose last word may not be complete yet. A short word could be, and has few
/// other trigrams.
pub fn trigrams_of_text(words: &[String]) -> Vec<u64> {
    let mut trigrams = Vec::new();
    for (number, word) in words.iter().enumerate() {
        let may_be_incomplete = number + 1 == words.len() && word.chars().nth(3).is_some();
        add_word(word, !may_be_incomplete, &mut trigrams);
    }
    distinct(trigrams)
}

fn add_word(word: &str, is_complete: bool, trigrams: &mut Vec<u64>) {
    let (mut first, mut second) = (EDGE, EDGE);
    for third in word.chars().chain(is_complete.then_some(EDGE)) {
        trigrams.push(trigram(first, second, third));
        (first, second) = (second, third);
    }
}

/// Returns three characters as a number.
fn trigram(first: char, second: char, third: char) -> u64 {
    const BITS_OF_CHAR: u32 = 21;
    let [first, second, third] = [first, second, third].map(u64::from);
    (first << BITS_OF_CHAR | second) << BITS_OF_CHAR | third
}

fn distinct(mut trigrams: Vec<u64>) -> Vec<u64> {
    trigrams.sort_unstable();
    trigrams.dedup();
    trigrams
}
