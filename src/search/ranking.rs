//! How well a name matches a text. All that decides the order of names is here.

use super::distance::{MAX_LENGTH, Pattern};

/// A score, in ten-thousandths.
pub type Points = u16;

/// The score of a name that is the text.
pub const EQUAL: Points = 10_000;

/// The lowest score with which a name is found.
pub const MIN_POINTS: Points = 5_500;

/// The maximum number of words of a name that are compared.
const MAX_WORDS: usize = 64;

/// A word that begins with the last word of the text, which may not be complete yet.
const LAST_BEGINNING: f32 = 0.92;

/// A word that begins with another word of the text.
const BEGINNING: f32 = 0.84;

/// What a name loses at most for the words that the text doesn't have, in steps.
const OTHER_WORDS: f32 = 0.15;
const OTHER_WORDS_STEPS: f32 = 5.0;

/// What a name loses if its words are in another order.
const OTHER_ORDER: f32 = 0.015;

/// What a name loses if it doesn't begin with the first word of the text.
const OTHER_START: f32 = 0.005;

/// What a word loses if its first letter is wrong, which is seldom mistyped.
const OTHER_LETTER: f32 = 0.03;

/// What a name loses if it matches only without its blanks, as "spiderman" matches "spider man".
const OTHER_BLANKS: f32 = 0.03;

/// A word of the text that is looked for.
#[derive(Clone, Debug)]
struct QueryWord {
    characters: Vec<char>,
    pattern: Pattern,
    letters: u32,
    max_errors: usize,
}

/// The words that are looked for, prepared for the comparison with many names.
#[derive(Clone, Debug)]
pub struct Ranking {
    words: Vec<QueryWord>,
    /// The words without blanks.
    joined: QueryWord,
    length: usize,
}

/// The memory that comparisons share.
#[derive(Debug, Default)]
pub struct Buffers {
    characters: Vec<char>,
    /// The ends of the words in `characters`.
    ends: Vec<usize>,
    is_used: Vec<bool>,
}

impl QueryWord {
    fn new(characters: Vec<char>) -> Self {
        Self {
            pattern: Pattern::new(&characters),
            letters: letters_of(&characters),
            max_errors: max_errors(characters.len()),
            characters,
        }
    }

    /// Returns how similar a word is: 1 if it is equal, 0 if it is another one.
    fn similarity(&self, word: &[char], is_last: bool) -> f32 {
        if word == self.characters {
            return 1.0;
        }
        let length = self.characters.len();
        if word.starts_with(&self.characters) {
            let beginning = if is_last { LAST_BEGINNING } else { BEGINNING };
            let errors = word.len() - length;
            return beginning.max(self.whole_similarity(length, word.len(), errors, 0.0));
        }
        // Each letter that the word lacks is an error.
        let missing = (self.letters & !letters_of(word)).count_ones() as usize;
        if missing > self.max_errors || self.max_errors == 0 {
            return 0.0;
        }
        if !is_last && word.len().abs_diff(length) > self.max_errors {
            return 0.0;
        }
        let distances = self.pattern.distances(word);
        let other_letter = if word.first() == self.characters.first() {
            0.0
        } else {
            OTHER_LETTER
        };
        let whole = self.whole_similarity(length, word.len(), distances.whole, other_letter);
        if is_last && distances.beginning <= self.max_errors && length > 2 {
            let part = share(distances.beginning, length);
            whole.max(LAST_BEGINNING * (1.0 - part) - other_letter)
        } else {
            whole
        }
    }

    fn whole_similarity(&self, length: usize, other: usize, errors: usize, loss: f32) -> f32 {
        if errors > self.max_errors {
            return 0.0;
        }
        (1.0 - share(errors, length.max(other)) - loss).max(0.0)
    }
}

/// Returns the number of typing errors that a word of this length may have.
const fn max_errors(length: usize) -> usize {
    match length {
        0..=2 => 0,
        3..=4 => 1,
        5..=8 => 2,
        _ => 3,
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "names have some hundred characters"
)]
fn share(part: usize, whole: usize) -> f32 {
    part as f32 / whole.max(1) as f32
}

/// Returns a set of the characters, of which some share a bit.
fn letters_of(characters: &[char]) -> u32 {
    let bits = characters.iter().map(|c| 1 << (u32::from(*c) % u32::BITS));
    bits.fold(0, |set, bit: u32| set | bit)
}

/// The best match of the words of the text among those of a name.
struct Alignment {
    /// The share of the text that the name has.
    found: f32,
    /// The share of the name that the text has.
    covered: f32,
    is_in_order: bool,
    is_from_start: bool,
}

impl Ranking {
    /// Prepares words.
    #[must_use]
    pub fn new(words: &[String]) -> Self {
        let words: Vec<QueryWord> = words
            .iter()
            .map(|word| QueryWord::new(word.chars().collect()))
            .collect();
        let joined: Vec<char> = words
            .iter()
            .flat_map(|word| word.characters.iter().copied())
            .collect();
        Self {
            length: joined.len(),
            joined: QueryWord::new(joined),
            words,
        }
    }

    /// Returns the score of a name, whose words are separated by single blanks; `None` if it is not found.
    pub fn points(&self, name: &str, buffers: &mut Buffers) -> Option<Points> {
        buffers.fill(name);
        let alignment = self.align(buffers);
        let mut score = alignment.score();
        // Where the blanks are wrong, the words don't match.
        if score < LAST_BEGINNING && self.length <= MAX_LENGTH && self.length > 2 {
            let joined = &buffers.characters[..buffers.characters.len().min(MAX_LENGTH)];
            let similarity = self.joined.similarity(joined, true);
            let covered = share(self.length, joined.len()).min(1.0);
            score = score.max(similarity * covering(covered) - OTHER_BLANKS);
        }
        let points = to_points(score);
        (points >= MIN_POINTS).then_some(points)
    }

    /// Returns the number of characters of a word of a name that match, from its beginning; `None` if it is another word.
    #[must_use]
    pub fn matched_length(&self, word: &str) -> Option<usize> {
        let characters: Vec<char> = word.chars().collect();
        let matching = self.words.iter().enumerate().filter_map(|(number, word)| {
            let is_last = number + 1 == self.words.len();
            if word.similarity(&characters, is_last) <= 0.0 {
                return None;
            }
            let is_beginning = characters.starts_with(&word.characters);
            Some(if is_beginning {
                word.characters.len()
            } else {
                characters.len()
            })
        });
        matching.max()
    }

    /// Finds a word of the name for each word of the text, each at most once.
    fn align(&self, buffers: &mut Buffers) -> Alignment {
        let (mut found, mut covered, mut previous) = (0.0, 0, None);
        let (mut is_in_order, mut is_from_start) = (true, true);
        for (number, word) in self.words.iter().enumerate() {
            let is_last = number + 1 == self.words.len();
            let mut best = (0.0, 0);
            for index in 0..buffers.ends.len() {
                if buffers.is_used[index] {
                    continue;
                }
                let similarity = word.similarity(buffers.word(index), is_last);
                if similarity > best.0 {
                    best = (similarity, index);
                    // The words of a text are usually in the order of the name.
                    if similarity >= 1.0 {
                        break;
                    }
                }
            }
            let (similarity, index) = best;
            if similarity <= 0.0 {
                continue;
            }
            buffers.is_used[index] = true;
            found += similarity * share(word.characters.len(), self.length);
            covered += buffers.word(index).len();
            is_in_order &= previous.is_none_or(|previous| previous < index);
            is_from_start &= previous.is_some() || index == 0;
            previous = Some(index);
        }
        Alignment {
            found,
            covered: share(covered, buffers.characters.len()),
            is_in_order,
            is_from_start,
        }
    }
}

impl Alignment {
    fn score(&self) -> f32 {
        let mut score = self.found * covering(self.covered);
        if !self.is_in_order {
            score -= OTHER_ORDER;
        }
        if !self.is_from_start {
            score -= OTHER_START;
        }
        score
    }
}

/// Returns the factor of a name of which the text has this share. Names with about as many other letters are equal, so that
/// the better known is first.
fn covering(covered: f32) -> f32 {
    let others = ((1.0 - covered) * OTHER_WORDS_STEPS).ceil() / OTHER_WORDS_STEPS;
    1.0 - OTHER_WORDS * others
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is from 0 to 10,000"
)]
fn to_points(score: f32) -> Points {
    (score.clamp(0.0, 1.0) * f32::from(EQUAL)).round() as Points
}

impl Buffers {
    fn fill(&mut self, name: &str) {
        self.characters.clear();
        self.ends.clear();
        for word in name.split(' ').take(MAX_WORDS) {
            self.characters.extend(word.chars());
            self.ends.push(self.characters.len());
        }
        self.is_used.clear();
        self.is_used.resize(self.ends.len(), false);
    }

    fn word(&self, index: usize) -> &[char] {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.characters[start..self.ends[index]]
    }
}

#[cfg(test)]
mod tests;
