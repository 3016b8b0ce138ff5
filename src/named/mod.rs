//! What critics and publications have in common: they are found by their names, sorted by name or by number of reviews, and
//! written alike.

pub mod draft;
pub mod store;

use crate::{
    filter::Substring,
    global_id::{GlobalId, Kind},
    pagination::{Direction, KeyKind, OrderTag, Position, SortKey},
    patch::{self, Patch},
    text,
    user_error::{
        UserErrorCode::{NotFound, TooLong},
        UserErrors,
    },
};

/// Which named things a list is to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct NameFilter {
    /// With this text somewhere in the name, in upper or lower case.
    pub name: Option<Substring>,
}

impl NameFilter {
    /// Whether no name can pass it, whatever is stored.
    #[must_use]
    pub fn excludes_all(&self) -> bool {
        self.name.as_ref().is_some_and(Substring::excludes_all)
    }
}

/// What named things can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NamedOrderField {
    /// The name, as Unicode sorts.
    Name,
    /// The number of reviews.
    ReviewCount,
}

/// The order of a list of named things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NamedOrder {
    /// What to sort by.
    pub field: NamedOrderField,
    /// Which end comes first.
    pub direction: Direction,
}

impl NamedOrder {
    /// By name, unless said.
    pub const DEFAULT: Self = Self::new(NamedOrderField::Name, None);

    /// An order in a direction; the natural one unless said: A first for names, the most for numbers of reviews.
    #[must_use]
    pub const fn new(field: NamedOrderField, direction: Option<Direction>) -> Self {
        let direction = match (direction, field) {
            (Some(direction), _) => direction,
            (None, NamedOrderField::Name) => Direction::Ascending,
            (None, NamedOrderField::ReviewCount) => Direction::Descending,
        };
        Self { field, direction }
    }

    /// The order as its cursors know it.
    #[must_use]
    pub const fn tag(self) -> OrderTag {
        let (name, kind) = match self.field {
            NamedOrderField::Name => ("name", KeyKind::Text),
            NamedOrderField::ReviewCount => ("reviewCount", KeyKind::Number),
        };
        OrderTag {
            name,
            kind,
            nullable: false,
            direction: self.direction,
        }
    }

    /// Where what is called `name`, has the key `id` and so many reviews stands in this order.
    #[must_use]
    pub fn position(self, name: &str, id: i64, review_count: u32) -> Position {
        let key = match self.field {
            NamedOrderField::Name => SortKey::Text(name.to_owned()),
            NamedOrderField::ReviewCount => SortKey::Number(review_count.into()),
        };
        Position { key, id }
    }
}

/// By what an input names a critic or a publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedBy {
    /// By its key.
    Key(i64),
    /// By its slug.
    Slug(String),
    /// By its name, which may be new.
    Name(String),
}

impl NamedBy {
    /// By a global id, which has to be of that kind.
    #[must_use]
    pub fn id(id: &str, kind: Kind, path: &str, errors: &mut UserErrors) -> Option<Self> {
        key(id, kind, path, errors).map(Self::Key)
    }

    /// By a slug. What is no slug names nothing that is there.
    #[must_use]
    pub fn slug(slug: String, path: &str, errors: &mut UserErrors) -> Option<Self> {
        if let Err(flaw) = text::check_length(&slug, text::NAME) {
            errors.add(path, TooLong, flaw.to_string());
            return None;
        }
        if text::is_slug(&slug) {
            return Some(Self::Slug(slug));
        }
        errors.add(path, NotFound, "is not a slug");
        None
    }

    /// By a name, as it would be stored.
    #[must_use]
    pub fn name(name: String, path: &str, errors: &mut UserErrors) -> Option<Self> {
        match patch::name(Patch::Set(name), path, errors) {
            Patch::Set(name) => Some(Self::Name(name)),
            Patch::Keep | Patch::Clear => None,
        }
    }
}

/// The key of the row that an id of that kind names. What is none of a thing of that kind names nothing that is there.
#[must_use]
pub fn key(id: &str, kind: Kind, path: &str, errors: &mut UserErrors) -> Option<i64> {
    let key = GlobalId::decode(id)
        .filter(|global| global.kind == kind)
        .map(|global| global.key);
    if key.is_none() {
        let message = format!("is not the id of a {}", kind.name().to_lowercase());
        errors.add(path, NotFound, message);
    }
    key
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedKind {
    /// Critics.
    Critic,
    /// Publications.
    Publication,
}

impl NamedKind {
    /// What a sentence calls one of them; its table is called the same.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Critic => "critic",
            Self::Publication => "publication",
        }
    }

    /// What its global ids name.
    #[must_use]
    pub const fn id_kind(self) -> Kind {
        match self {
            Self::Critic => Kind::Critic,
            Self::Publication => Kind::Publication,
        }
    }
}
