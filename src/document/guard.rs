//! What an operation grows to when its fragments are written out, counted without writing them out.
//!
//! A document of a few hundred bytes can stand for billions of fields: each of 25 fragments spreads the next one twice. Each fragment is
//! counted once, so counting takes no longer than reading the document, and what comes later works on what was found small enough.

use std::collections::HashMap;

use bluejay_core::{
    AsIter,
    executable::{
        Field as _, FragmentSpread as _, InlineFragment as _, OperationDefinition as _,
        Selection as _, SelectionReference,
    },
};
use bluejay_parser::ast::{
    VariableDirectives,
    executable::{ExecutableDocument, SelectionSet},
};

use super::limits::{Exceeded, Limits};
use crate::error::code;

/// The most selections that an operation may grow to. Later stages take time by it; no client that is not out for harm comes near.
const SELECTIONS: u64 = 20_000;

/// How deep selection sets stand in one another, those of fragments included. It bounds how deep the later stages recurse.
const NESTING: usize = 100;

/// Checks what every operation, and every fragment that is in none, grows to.
///
/// # Errors
///
/// When one is above a limit.
pub fn check(document: &ExecutableDocument<'_>, limits: &Limits) -> Result<(), Exceeded> {
    let fragments = document.fragment_definitions().iter();
    let fragments = fragments.map(|fragment| (fragment.name().as_ref(), fragment.selection_set()));
    let mut counter = Counter {
        fragments: fragments.collect(),
        counted: HashMap::new(),
    };
    for operation in document.operation_definitions() {
        let operation = operation.as_ref();
        let mut counts = counter.set(operation.selection_set(), 0)?;
        counts.directives += directives(operation.directives());
        counts.check(limits)?;
    }
    for fragment in document.fragment_definitions() {
        let counts = counter.fragment(fragment.name().as_ref(), 0)?;
        // It is at no operation's root.
        Counts { roots: 0, ..counts }.check(limits)?;
    }
    Ok(())
}

/// What a selection set grows to.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    selections: u64,
    /// The fields of the set itself.
    roots: u64,
    depth: usize,
    aliases: u64,
    directives: u64,
    /// How deep selection sets stand in one another.
    nesting: usize,
}

impl Counts {
    fn add(&mut self, other: Self) {
        let Self {
            selections,
            roots,
            depth,
            aliases,
            directives,
            nesting,
        } = self;
        *selections = selections.saturating_add(other.selections);
        *roots = roots.saturating_add(other.roots);
        *aliases = aliases.saturating_add(other.aliases);
        *directives = directives.saturating_add(other.directives);
        *depth = other.depth.max(*depth);
        *nesting = other.nesting.max(*nesting);
    }

    fn check(self, limits: &Limits) -> Result<(), Exceeded> {
        let bound = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
        let Limits {
            depth,
            aliases,
            root_fields,
            directives,
            ..
        } = *limits;
        for (code, what, limit, value) in [
            (code::TOO_DEEP, "levels of fields", depth, self.depth),
            (
                code::TOO_MANY_ALIASES,
                "fields with an alias",
                aliases,
                bound(self.aliases),
            ),
            (
                code::TOO_MANY_ROOT_FIELDS,
                "fields at the root of the operation",
                root_fields,
                bound(self.roots),
            ),
            (
                code::TOO_MANY_DIRECTIVES,
                "directives of the operation",
                directives,
                bound(self.directives),
            ),
            (
                code::TOO_MANY_SELECTIONS,
                "selections with fragments written out",
                bound(SELECTIONS),
                bound(self.selections),
            ),
        ] {
            Exceeded::check(code, what, limit, value)?;
        }
        Ok(())
    }
}

struct Counter<'a, 'd> {
    fragments: HashMap<&'a str, &'a SelectionSet<'d>>,
    /// `None` for a fragment that is being counted: whoever meets it again has met a cycle, which is for the validator to tell.
    counted: HashMap<&'a str, Option<Counts>>,
}

impl<'a> Counter<'a, '_> {
    fn fragment(&mut self, name: &'a str, nesting: usize) -> Result<Counts, Exceeded> {
        if let Some(counted) = self.counted.get(name) {
            return Ok(counted.unwrap_or_default());
        }
        let Some(set) = self.fragments.get(name).copied() else {
            return Ok(Counts::default());
        };
        self.counted.insert(name, None);
        let counts = self.set(set, nesting)?;
        self.counted.insert(name, Some(counts));
        Ok(counts)
    }

    fn set(&mut self, set: &'a SelectionSet<'_>, nesting: usize) -> Result<Counts, Exceeded> {
        check_nesting(nesting)?;
        let mut counts = Counts::default();
        for selection in set.iter() {
            let found = match selection.as_ref() {
                SelectionReference::Field(field) => {
                    let mut found = match field.selection_set() {
                        Some(set) => self.set(set, nesting + 1)?,
                        None => Counts::default(),
                    };
                    found.roots = 1;
                    found.depth += 1;
                    found.aliases += u64::from(field.alias().is_some());
                    found.directives += directives(field.directives());
                    found
                }
                SelectionReference::FragmentSpread(spread) => {
                    let mut found = self.fragment(spread.name().as_ref(), nesting + 1)?;
                    found.directives += directives(spread.directives());
                    found
                }
                SelectionReference::InlineFragment(fragment) => {
                    let mut found = self.set(fragment.selection_set(), nesting + 1)?;
                    found.directives += directives(fragment.directives());
                    found
                }
            };
            counts.add(found);
            counts.selections = counts.selections.saturating_add(1);
        }
        counts.nesting += 1;
        // A fragment that was counted before may stand deeper here.
        check_nesting(nesting + counts.nesting)?;
        Ok(counts)
    }
}

fn check_nesting(nesting: usize) -> Result<(), Exceeded> {
    let what = "selection sets in one another";
    Exceeded::check(code::TOO_DEEP, what, NESTING, nesting)
}

fn directives(of: Option<&VariableDirectives<'_>>) -> u64 {
    of.map_or(0, |directives| directives.iter().count() as u64)
}
