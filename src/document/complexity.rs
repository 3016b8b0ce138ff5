//! Measures operations with expanded fragments, without expanding them.
//!
//! A document of a few hundred bytes can expand to millions of fields, for example when each of 25 fragments spreads
//! the next one twice. Each fragment is counted once, so counting takes time linear in the size of the document. The
//! later stages only see documents that are within the limits.

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

use super::limits::{LimitExceeded, Limits};
use crate::error::code;

/// The maximum number of selections of an operation with expanded fragments. The later stages take time proportional to
/// them; legitimate clients stay far below.
const MAX_SELECTIONS: u64 = 20_000;

/// The maximum nesting of selection sets, those of fragments included. It bounds the recursion of the later stages.
const MAX_NESTING: usize = 100;

/// Checks the expanded size of every operation and every fragment, unused fragments included.
///
/// # Errors
///
/// When one exceeds a limit.
pub fn check(document: &ExecutableDocument<'_>, limits: &Limits) -> Result<(), LimitExceeded> {
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
        // The limit of root fields applies to operations only.
        Counts { roots: 0, ..counts }.check(limits)?;
    }
    Ok(())
}

/// The measures of a selection set with expanded fragments.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    selections: u64,
    /// The fields of the set itself.
    roots: u64,
    depth: usize,
    aliases: u64,
    directives: u64,
    /// The nesting of selection sets.
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

    fn check(self, limits: &Limits) -> Result<(), LimitExceeded> {
        let saturating = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
        let Limits {
            depth,
            aliases,
            root_fields,
            directives,
            ..
        } = *limits;
        for (code, quantity, limit, value) in [
            (code::TOO_DEEP, "levels of fields", depth, self.depth),
            (
                code::TOO_MANY_ALIASES,
                "fields with an alias",
                aliases,
                saturating(self.aliases),
            ),
            (
                code::TOO_MANY_ROOT_FIELDS,
                "fields at the root of the operation",
                root_fields,
                saturating(self.roots),
            ),
            (
                code::TOO_MANY_DIRECTIVES,
                "directives of the operation",
                directives,
                saturating(self.directives),
            ),
            (
                code::TOO_MANY_SELECTIONS,
                "selections with fragments expanded",
                saturating(MAX_SELECTIONS),
                saturating(self.selections),
            ),
        ] {
            LimitExceeded::check(code, quantity, limit, value)?;
        }
        Ok(())
    }
}

struct Counter<'a, 'd> {
    fragments: HashMap<&'a str, &'a SelectionSet<'d>>,
    /// The counted fragments by name. `None` marks a fragment that is being counted: reaching it again is a cycle,
    /// which the validator reports.
    counted: HashMap<&'a str, Option<Counts>>,
}

impl<'a> Counter<'a, '_> {
    fn fragment(&mut self, name: &'a str, nesting: usize) -> Result<Counts, LimitExceeded> {
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

    fn set(&mut self, set: &'a SelectionSet<'_>, nesting: usize) -> Result<Counts, LimitExceeded> {
        check_nesting(nesting)?;
        let mut counts = Counts::default();
        for selection in set.iter() {
            let added = match selection.as_ref() {
                SelectionReference::Field(field) => {
                    let mut added = match field.selection_set() {
                        Some(set) => self.set(set, nesting + 1)?,
                        None => Counts::default(),
                    };
                    added.roots = 1;
                    added.depth += 1;
                    added.aliases += u64::from(field.alias().is_some());
                    added.directives += directives(field.directives());
                    added
                }
                SelectionReference::FragmentSpread(spread) => {
                    let mut added = self.fragment(spread.name().as_ref(), nesting + 1)?;
                    added.directives += directives(spread.directives());
                    added
                }
                SelectionReference::InlineFragment(fragment) => {
                    let mut added = self.set(fragment.selection_set(), nesting + 1)?;
                    added.directives += directives(fragment.directives());
                    added
                }
            };
            counts.add(added);
            counts.selections = counts.selections.saturating_add(1);
        }
        counts.nesting += 1;
        // A fragment that was counted before may be nested deeper here.
        check_nesting(nesting + counts.nesting)?;
        Ok(counts)
    }
}

fn check_nesting(nesting: usize) -> Result<(), LimitExceeded> {
    let quantity = "nested selection sets";
    LimitExceeded::check(code::TOO_DEEP, quantity, MAX_NESTING, nesting)
}

fn directives(directives: Option<&VariableDirectives<'_>>) -> u64 {
    directives.map_or(0, |directives| directives.iter().count() as u64)
}
