//! The number of typing errors between two words: letters that are inserted, dropped, replaced, or swapped with their
//! neighbour (the restricted Damerau-Levenshtein distance, also called optimal string alignment).

/// The maximum number of characters that are compared.
pub const MAX_LENGTH: usize = u64::BITS as usize;

/// The distances of a text from a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Distances {
    /// The distance of the whole text.
    pub whole: usize,
    /// The distance of the beginning of the text that is nearest.
    pub beginning: usize,
}

/// A word that is compared with many others.
///
/// It is compared bit by bit: a column of the table of distances is two words of a processor (Hyyrö, "A bit-vector
/// algorithm for computing Levenshtein and Damerau edit distances", 2003).
#[derive(Clone, Debug)]
pub struct Pattern {
    length: usize,
    /// The positions of each ASCII character, as bits.
    ascii: Box<[u64; 128]>,
    /// The positions of other characters.
    others: Vec<(char, u64)>,
}

impl Pattern {
    /// Creates a pattern of at most [`MAX_LENGTH`] characters; the rest is ignored.
    #[must_use]
    pub fn new(characters: &[char]) -> Self {
        let characters = &characters[..characters.len().min(MAX_LENGTH)];
        let mut pattern = Self {
            length: characters.len(),
            ascii: Box::new([0; 128]),
            others: Vec::new(),
        };
        for (index, character) in characters.iter().enumerate() {
            let bit = 1 << index;
            let others = &mut pattern.others;
            match pattern.ascii.get_mut(*character as usize) {
                Some(positions) => *positions |= bit,
                None => match others.iter_mut().find(|(other, _)| other == character) {
                    Some((_, positions)) => *positions |= bit,
                    None => others.push((*character, bit)),
                },
            }
        }
        pattern
    }

    fn positions(&self, character: char) -> u64 {
        if let Some(positions) = self.ascii.get(character as usize) {
            return *positions;
        }
        let other = self.others.iter().find(|(other, _)| *other == character);
        other.map_or(0, |(_, positions)| *positions)
    }

    /// Returns the distances of a text.
    #[must_use]
    pub fn distances(&self, text: &[char]) -> Distances {
        let mut distance = self.length;
        let mut beginning = distance;
        let Some(last) = self.length.checked_sub(1) else {
            return Distances {
                whole: text.len(),
                beginning: 0,
            };
        };
        let last = 1_u64 << last;
        let (mut rises, mut falls) = (u64::MAX, 0_u64);
        let (mut diagonals, mut previous) = (0_u64, 0_u64);
        for character in text {
            let positions = self.positions(*character);
            let swapped = ((!diagonals & positions) << 1) & previous;
            diagonals = (((positions & rises).wrapping_add(rises)) ^ rises) | positions | falls;
            diagonals |= swapped;
            let rises_across = falls | !(diagonals | rises);
            let falls_across = diagonals & rises;
            distance += usize::from(rises_across & last != 0);
            distance -= usize::from(falls_across & last != 0);
            let rises_across = rises_across << 1 | 1;
            rises = falls_across << 1 | !(diagonals | rises_across);
            falls = rises_across & diagonals;
            previous = positions;
            beginning = beginning.min(distance);
        }
        Distances {
            whole: distance,
            beginning,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn distances(pattern: &str, text: &str) -> Distances {
        let pattern: Vec<char> = pattern.chars().collect();
        let text: Vec<char> = text.chars().collect();
        Pattern::new(&pattern).distances(&text)
    }

    #[test]
    fn each_typing_error_counts_once() {
        for (pattern, text, whole, beginning) in [
            ("", "", 0, 0),
            ("", "ab", 2, 0),
            ("ab", "", 2, 2),
            ("pusher", "pusher", 0, 0),
            ("puhser", "pusher", 1, 1),
            ("pushe", "pusher", 1, 0),
            ("scorcese", "scorsese", 1, 1),
            ("godfxt", "godfather", 4, 1),
            ("οδσο", "οδος", 2, 1),
        ] {
            let expected = Distances { whole, beginning };
            assert_eq!(distances(pattern, text), expected, "{pattern} {text}");
        }
    }

    proptest! {
        #[test]
        fn distances_are_those_of_the_textbook(pattern in "[abcé ]{0,64}", text in "[abcé ]{0,70}") {
            let whole = strsim::osa_distance(&pattern, &text);
            let characters: Vec<char> = text.chars().collect();
            let beginnings = (0..=characters.len()).map(|length| {
                let beginning: String = characters[..length].iter().collect();
                strsim::osa_distance(&pattern, &beginning)
            });
            let beginning = beginnings.min().unwrap_or_default();
            prop_assert_eq!(distances(&pattern, &text), Distances { whole, beginning });
        }
    }
}
