//! Synopses of films.

use super::{
    names::place,
    random::Random,
    words::plots::{AIMS, DEEDS, HEROES, TROUBLES},
};

/// Draws a synopsis of one sentence.
pub(super) fn draw(random: &mut Random) -> String {
    let hero = random.pick(HEROES);
    let deed = random.pick(DEEDS);
    let town = place(random);
    match random.below(3) {
        0 => format!("{hero} {deed} {town} {}.", random.pick(AIMS)),
        1 => format!("{hero} {deed} {town}, but {}.", random.pick(TROUBLES)),
        _ => format!(
            "{hero} {deed} {town} {}, until {}.",
            random.pick(AIMS),
            random.pick(TROUBLES)
        ),
    }
}
