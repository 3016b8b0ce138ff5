//! Names, and texts that people type who look for them, with errors. They are the same on every machine.
//!
//! The rules were written without regard to the ranking. `misspelt.tsv` beside this file, if it exists, has another list:
//! a text and the name that it means on each line, with a tab between them.

use std::{collections::BTreeSet, fmt};

use marquee::{
    catalogue::record::Record,
    generate::{Catalogue, Size},
    search::{NameKind, name_index::NamedRow},
    text::search::fold,
};

/// The number of texts of each kind of error.
const TEXTS_PER_ERROR: usize = 100;

/// A simple generator of pseudo-random numbers (`SplitMix64`).
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns a number below a limit, which isn't zero.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        number ^= number >> 31;
        usize::try_from(number % limit as u64).unwrap_or_default()
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// The syllables of made titles, by script, with the number of titles. The words of the last one are not separated.
const SCRIPTS: [(&str, usize); 4] = [
    (
        "bré da gül ion jöz ka lém mañ nó or pél rü sza tåg ühl va wés zie öst çel ček ží łu ên au ste ron mil",
        4_000,
    ),
    (
        "αν βό γε δρ ελ ζή θα ικ κό λά μέ νυ ξε ού πα ρι σή τέ φω χρ ψυ ώρ",
        2_000,
    ),
    (
        "ал бе во гри до ёл жи зна ий ко лё мо ну ост по рас се тё ул фи хо чи шка ще эль ью яр",
        2_000,
    ),
    (
        "雨 夜 海 山 花 空 月 光 影 道 町 人 水 火 石 春 秋 冬 鳥 船 駅 家 声 色 夢 星 雪 風 森 川",
        2_000,
    ),
];

/// Returns 65,500 names: those of a generated catalogue, and made titles of several scripts.
pub fn names() -> Vec<NamedRow> {
    let size = Size {
        films: 50_000,
        critics: 5_000,
        publications: 500,
        reviews: 0,
    };
    let mut names: Vec<(NameKind, String)> = Catalogue::new(size, 42)
        .records()
        .filter_map(|record| match record {
            Record::Film(film) => Some((NameKind::Film, film.film.title?)),
            Record::Critic(critic) => Some((NameKind::Critic, critic.critic.name?)),
            Record::Publication(publication) => {
                Some((NameKind::Publication, publication.publication.name?))
            }
            Record::PublishedScore(_) | Record::Review(_) => None,
        })
        .collect();
    let mut rng = Rng::new(1);
    for (syllables, count) in SCRIPTS {
        let syllables: Vec<&str> = syllables.split(' ').collect();
        for _ in 0..count {
            names.push((NameKind::Film, made_title(&syllables, &mut rng)));
        }
    }
    (1..)
        .zip(names)
        .map(|(id, (kind, name))| NamedRow {
            kind,
            id,
            name,
            others: Vec::new(),
            review_count: u32::try_from(rng.below(400)).unwrap_or_default(),
        })
        .collect()
}

fn made_title(syllables: &[&str], rng: &mut Rng) -> String {
    if syllables.contains(&"雨") {
        return (0..3 + rng.below(5))
            .map(|_| *rng.pick(syllables))
            .collect();
    }
    let words = (0..=rng.below(4)).map(|_| {
        let word: String = (0..2 + rng.below(3))
            .map(|_| *rng.pick(syllables))
            .collect();
        let mut characters = word.chars();
        let first = characters.next().into_iter().flat_map(char::to_uppercase);
        first.chain(characters).collect()
    });
    words.collect::<Vec<String>>().join(" ")
}

/// A kind of error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TypingError {
    OneEdit,
    TwoEdits,
    NoAccents,
    SwappedWords,
    HalfLastWord,
}

impl TypingError {
    const ALL: [Self; 5] = [
        Self::OneEdit,
        Self::TwoEdits,
        Self::NoAccents,
        Self::SwappedWords,
        Self::HalfLastWord,
    ];

    /// Returns a name with the error; `None` if the name can't have it.
    fn make(self, name: &str, rng: &mut Rng) -> Option<String> {
        let letters = name.chars().filter(|c| c.is_alphanumeric()).count();
        let text = match self {
            Self::OneEdit if letters >= 3 => edit(name, rng),
            Self::TwoEdits if letters >= 6 => edit(&edit(name, rng), rng),
            Self::NoAccents => fold(name),
            Self::SwappedWords => swap_words(name, rng)?,
            Self::HalfLastWord if letters >= 4 => cut_last_word(name)?,
            _ => return None,
        };
        let is_other = match self {
            // Without accents, it differs in more than case.
            Self::NoAccents => text != name.to_lowercase(),
            _ => fold(&text) != fold(name),
        };
        is_other.then_some(text)
    }
}

impl fmt::Display for TypingError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::OneEdit => "one edit",
            Self::TwoEdits => "two edits",
            Self::NoAccents => "no accents",
            Self::SwappedWords => "swapped words",
            Self::HalfLastWord => "half of the last word",
        })
    }
}

/// Drops, inserts, replaces or swaps a letter. New letters are of the name itself, so they are of its script.
fn edit(name: &str, rng: &mut Rng) -> String {
    let mut characters: Vec<char> = name.chars().collect();
    let places: Vec<usize> = (0..characters.len())
        .filter(|place| characters[*place].is_alphanumeric())
        .collect();
    let place = *rng.pick(&places);
    let other = characters[*rng.pick(&places)];
    match rng.below(4) {
        0 => {
            characters.remove(place);
        }
        1 => characters.insert(place, other),
        2 => characters[place] = other,
        _ if place + 1 < characters.len() => characters.swap(place, place + 1),
        _ => characters[place] = other,
    }
    characters.into_iter().collect()
}

fn swap_words(name: &str, rng: &mut Rng) -> Option<String> {
    let mut words: Vec<&str> = name.split(' ').collect();
    let place = rng.below(words.len().checked_sub(1).filter(|pairs| *pairs > 0)?);
    words.swap(place, place + 1);
    Some(words.join(" "))
}

fn cut_last_word(name: &str) -> Option<String> {
    let start = name.rfind(' ').map_or(0, |blank| blank + 1);
    let length = name[start..].chars().count();
    let half: String = name[start..].chars().take(length.div_ceil(2)).collect();
    (length > 1).then(|| format!("{}{half}", &name[..start]))
}

/// A text that means a name.
pub struct Misspelt {
    pub error: TypingError,
    pub text: String,
    pub name: String,
}

/// Returns the texts, 100 for each kind of error. Half of them are of generated names, and half are in lower case.
pub fn misspelt(names: &[NamedRow], seed: u64) -> Vec<Misspelt> {
    let made: usize = SCRIPTS.iter().map(|(_, count)| count).sum();
    let (generated, made) = names.split_at(names.len() - made);
    let mut rng = Rng::new(seed);
    let mut misspelt = Vec::new();
    for error in TypingError::ALL {
        let mut texts = BTreeSet::new();
        let mut tries = 0;
        while texts.len() < TEXTS_PER_ERROR {
            // Few generated names have accents.
            let is_generated = texts.len() % 2 == 0 && tries < 200_000;
            tries += 1;
            let name = &rng.pick(if is_generated { generated } else { made }).name;
            let Some(text) = error.make(name, &mut rng) else {
                continue;
            };
            let text = if rng.below(2) == 0 {
                text.to_lowercase()
            } else {
                text
            };
            if texts.insert(text.clone()) {
                misspelt.push(Misspelt {
                    error,
                    text,
                    name: name.clone(),
                });
            }
        }
    }
    misspelt
}
