//! Titles of films.

use super::{
    names::{first_name, place},
    random::Random,
    words::titles::{ADJECTIVES, COMPOUND_BEGINNINGS, COMPOUND_ENDINGS, DEEDS, FOREIGN, NOUNS},
};

/// Draws a title. The patterns with few words are rare, so that most titles of a large catalogue are
/// unique, and some recur in another year, like remakes.
pub(super) fn draw(random: &mut Random) -> String {
    let title = simple_title(random);
    match random.below(100) {
        0..=1 => format!("{title} 2"),
        2 => format!("{title}: Part Two"),
        3..=5 => format!("{title}: {}", simple_title(random)),
        _ => title,
    }
}

fn simple_title(random: &mut Random) -> String {
    let noun = random.pick(NOUNS);
    let adjective = random.pick(ADJECTIVES);
    match random.below(100) {
        0..=9 => format!("The {adjective} {noun}"),
        10..=15 => format!("{adjective} {noun}"),
        16..=33 => format!("The {adjective} {noun} of {}", place(random)),
        34..=43 => format!("The {noun} of {}", place(random)),
        44..=49 => format!("{} {noun}", possessive(&place(random))),
        50..=55 => format!("{} {adjective} {noun}", possessive(first_name(random))),
        56..=60 => format!("{noun} and {}", random.pick(NOUNS)),
        61..=66 => format!("No {noun} for {}", first_name(random)),
        67..=78 => format!("{} {}", random.pick(DEEDS), place(random)),
        79..=84 => format!("{} and the {adjective} {noun}", first_name(random)),
        85..=90 => format!("{} the {adjective} {noun}", random.pick(DEEDS)),
        91..=93 => foreign(random),
        94..=95 => compound(random),
        _ => format!("{adjective} {}", place(random)),
    }
}

fn possessive(name: &str) -> String {
    if name.ends_with('s') {
        format!("{name}’")
    } else {
        format!("{name}’s")
    }
}

/// Draws one invented word.
fn compound(random: &mut Random) -> String {
    format!(
        "{}{}",
        random.pick(COMPOUND_BEGINNINGS),
        random.pick(COMPOUND_ENDINGS)
    )
}

/// Draws a title in another language than English.
fn foreign(random: &mut Random) -> String {
    let (nouns, complements) = FOREIGN[random.index(FOREIGN.len())];
    format!("{} {}", random.pick(nouns), random.pick(complements))
}
