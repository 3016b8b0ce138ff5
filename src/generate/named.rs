//! The data that critics and publications have in common.

use super::slugs::{Slugs, numbered};
use crate::{catalogue::record::NamedRef, slug};

/// A name and its slug. They are stored, because a thousand reviews may use them.
#[derive(Clone, Debug)]
pub(super) struct Named {
    name: Box<str>,
    slug: Box<str>,
}

impl Named {
    pub(super) fn new(name: String, slugs: &mut Slugs) -> Self {
        let base = slug::of(&name);
        let number = slugs.reserve(base.clone());
        Self {
            name: name.into(),
            slug: numbered(base, number).into(),
        }
    }

    pub(super) fn slug(&self) -> &str {
        &self.slug
    }

    pub(super) fn reference(&self) -> NamedRef {
        NamedRef {
            slug: Some(self.slug.to_string()),
            name: Some(self.name.to_string()),
            ..NamedRef::default()
        }
    }
}
