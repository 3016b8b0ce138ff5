//! Names of people and places.

use super::{
    random::Random,
    words::{people, places},
};

/// Draws a first and a last name, sometimes a double one. Both are drawn from many languages, so a match with
/// a real person's name is a coincidence.
pub(super) fn person(random: &mut Random) -> String {
    let first = random.pick(people::FIRST);
    let last = random.pick(people::LAST);
    if random.percent(6) {
        format!("{first} {last}-{}", random.pick(people::LAST))
    } else {
        format!("{first} {last}")
    }
}

/// Draws a first name.
pub(super) fn first_name(random: &mut Random) -> &'static str {
    random.pick(people::FIRST)
}

/// Draws the name of a fictional town.
pub(super) fn place(random: &mut Random) -> String {
    format!(
        "{}{}",
        random.pick(places::BEGINNINGS),
        random.pick(places::ENDINGS)
    )
}
