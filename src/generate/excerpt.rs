//! Excerpts of reviews.

use super::{
    names::place,
    random::Random,
    words::phrases::{
        ASIDES, FAULTS, LINES, MERITS, SHRUGS, SUBJECTS, VERDICTS_AGAINST, VERDICTS_BETWEEN,
        VERDICTS_FOR,
    },
};

/// The initial capacity in bytes. Most excerpts fit into it without a reallocation.
const INITIAL_CAPACITY: usize = 256;

/// Draws one to three sentences for an opinion from 0 to 100.
pub(super) fn draw(opinion: u32, random: &mut Random) -> String {
    let sentences = random.weighted(&[(45, 1), (40, 2), (15, 3)]);
    let mut text = String::with_capacity(INITIAL_CAPACITY);
    for number in 0..sentences {
        if number > 0 {
            text.push(if random.percent(1) { '\n' } else { ' ' });
        }
        // Real reviews mix praise and criticism, so the mood of a sentence varies around the opinion.
        let mood = (opinion + random.below(31)).saturating_sub(15);
        sentence(&mut text, mood, random);
    }
    text
}

fn sentence(text: &mut String, mood: u32, random: &mut Random) {
    let (phrases, verdicts) = match mood {
        61.. => (MERITS, VERDICTS_FOR),
        40.. => (SHRUGS, VERDICTS_BETWEEN),
        _ => (FAULTS, VERDICTS_AGAINST),
    };
    match random.below(100) {
        0..=8 => text.push_str(random.pick(verdicts)),
        9..=34 => {
            let first = random.index(SUBJECTS.len());
            let second = (first + 1 + random.index(SUBJECTS.len() - 1)) % SUBJECTS.len();
            push_clause(text, SUBJECTS[first], random.pick(phrases));
            push(text, &[", while ", SUBJECTS[second], " "]);
            push(text, &[random.pick(phrases), "."]);
        }
        35..=41 => {
            push(text, &["“", random.pick(LINES), ",” somebody says"]);
            push(text, &[", and the film ", random.pick(phrases), "."]);
        }
        42..=57 => {
            push_clause(text, random.pick(SUBJECTS), random.pick(phrases));
            push(text, &[" — ", random.pick(ASIDES), "."]);
        }
        58..=69 => {
            push(text, &["Set in ", &place(random), ", the film "]);
            push(text, &[random.pick(phrases), "."]);
        }
        70..=76 => {
            push(text, &["The \"", random.pick(LINES), "\" scene "]);
            push(text, &[random.pick(phrases), "."]);
        }
        _ => {
            push_clause(text, random.pick(SUBJECTS), random.pick(phrases));
            text.push('.');
        }
    }
}

/// Begins a sentence with a subject. Every subject begins with an ASCII letter.
fn push_clause(text: &mut String, subject: &str, phrase: &str) {
    let start = text.len();
    push(text, &[subject, " ", phrase]);
    if let Some(initial) = text.get_mut(start..=start) {
        initial.make_ascii_uppercase();
    }
}

fn push(text: &mut String, parts: &[&str]) {
    for part in parts {
        text.push_str(part);
    }
}
