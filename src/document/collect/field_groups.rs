//! The selected fields, grouped by response name.

use std::collections::{HashMap, HashSet};

use async_graphql::{Name, Positioned, parser::types::Field};

/// The maximum number of names for which a linear search is used.
const MAX_LINEAR_SEARCH: usize = 16;

#[derive(Default)]
pub(super) struct FieldGroups<'a> {
    /// The groups, in the order of their first fields.
    pub(super) groups: Vec<FieldGroup<'a>>,
    /// The indexes of the groups by response name, once there are more than [`MAX_LINEAR_SEARCH`].
    index_by_name: HashMap<&'a str, usize>,
    pub(super) fragments: HashSet<&'a Name>,
}

/// The fields with the same response name.
pub(super) struct FieldGroup<'a> {
    pub(super) first: &'a Positioned<Field>,
    pub(super) more: Vec<&'a Positioned<Field>>,
}

impl<'a> FieldGroup<'a> {
    fn name(&self) -> &'a str {
        self.first.node.response_key().node.as_str()
    }

    pub(super) fn fields(&self) -> impl Iterator<Item = &'a Positioned<Field>> {
        std::iter::once(self.first).chain(self.more.iter().copied())
    }
}

impl<'a> FieldGroups<'a> {
    pub(super) fn add(&mut self, field: &'a Positioned<Field>) {
        let group = FieldGroup {
            first: field,
            more: Vec::new(),
        };
        let name = group.name();
        let index = self.index_of(name);
        if let Some(group) = index.and_then(|index| self.groups.get_mut(index)) {
            group.more.push(field);
        } else {
            self.groups.push(group);
            self.update_index();
        }
    }

    fn index_of(&self, name: &str) -> Option<usize> {
        if self.groups.len() > MAX_LINEAR_SEARCH {
            return self.index_by_name.get(name).copied();
        }
        self.groups.iter().position(|group| group.name() == name)
    }

    fn update_index(&mut self) {
        if self.groups.len() > MAX_LINEAR_SEARCH {
            let unindexed = self
                .groups
                .iter()
                .enumerate()
                .skip(self.index_by_name.len());
            self.index_by_name
                .extend(unindexed.map(|(index, group)| (group.name(), index)));
        }
    }
}
