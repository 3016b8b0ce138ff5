//! Slugs that are unique among the entities of a kind.

use std::collections::HashMap;

/// The slugs of a kind that are taken. It is needed only while slugs are assigned. Afterwards, only the
/// number in each slug is stored.
#[derive(Default)]
pub(super) struct Slugs {
    /// For every taken slug, the next number to try when it is requested again. The map is never
    /// iterated, because its order differs between runs.
    taken: HashMap<String, u32>,
}

impl Slugs {
    /// Takes the first free one of `base`, `base-2`, `base-3` … and returns its number. A numbered
    /// slug may be taken by an entity whose own name ends in a number.
    pub(super) fn reserve(&mut self, base: String) -> u32 {
        let Some(next) = self.taken.get(&base) else {
            self.taken.insert(base, 2);
            return 1;
        };
        let mut number = *next;
        while self.taken.contains_key(&numbered(base.clone(), number)) {
            number += 1;
        }
        self.taken.insert(numbered(base.clone(), number), 2);
        self.taken.insert(base, number + 1);
        number
    }
}

/// Returns the slug with this number.
pub(super) fn numbered(base: String, number: u32) -> String {
    if number == 1 {
        base
    } else {
        format!("{base}-{number}")
    }
}

#[cfg(test)]
mod tests;
