//! The common parts of critics and publications: filters by name, orders by name or number of reviews, and mutations.

pub mod draft;
pub mod store;

use crate::{
    external_id::{ExternalId, IdentifiedKind},
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

/// A filter of a list of critics or publications.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct NameFilter {
    /// The rows whose name contains this string, ignoring case and accents.
    pub name: Option<Substring>,
}

impl NameFilter {
    /// Returns whether the filter can't match any name, so that no statement is needed.
    #[must_use]
    pub fn excludes_all(&self) -> bool {
        self.name.as_ref().is_some_and(Substring::excludes_all)
    }
}

/// A sort key of critics and publications.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NamedOrderField {
    /// The name, in Unicode's collation order.
    Name,
    /// The number of reviews.
    ReviewCount,
}

/// The order of a list of critics or publications.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NamedOrder {
    /// The sort key.
    pub field: NamedOrderField,
    /// The direction of the sort key.
    pub direction: Direction,
}

impl NamedOrder {
    /// The default order: ascending by name.
    pub const DEFAULT: Self = Self::new(NamedOrderField::Name, None);

    /// Creates an order. The default direction is ascending for names and descending for numbers of reviews.
    #[must_use]
    pub const fn new(field: NamedOrderField, direction: Option<Direction>) -> Self {
        let direction = match (direction, field) {
            (Some(direction), _) => direction,
            (None, NamedOrderField::Name) => Direction::Ascending,
            (None, NamedOrderField::ReviewCount) => Direction::Descending,
        };
        Self { field, direction }
    }

    /// Returns the tag that identifies the order in cursors.
    #[must_use]
    pub const fn tag(self) -> OrderTag {
        let (name, kind) = match self.field {
            NamedOrderField::Name => ("name", KeyKind::Text),
            NamedOrderField::ReviewCount => ("reviewCount", KeyKind::Number),
        };
        OrderTag {
            name,
            kind,
            is_nullable: false,
            direction: self.direction,
        }
    }

    /// Returns the position of a row in this order.
    #[must_use]
    pub fn position(self, name: &str, id: i64, review_count: u32) -> Position {
        let key = match self.field {
            NamedOrderField::Name => SortKey::Text(name.to_owned()),
            NamedOrderField::ReviewCount => SortKey::Number(review_count.into()),
        };
        Position { key, id }
    }
}

/// An input's reference to a critic or a publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedReference {
    /// A reference by key.
    Key(i64),
    /// A reference by slug.
    Slug(String),
    /// A reference by name. The name may be new.
    Name(NameReference),
    /// A reference to a critic by the identifier at a source.
    External(ExternalId),
}

/// A reference to a critic or a publication by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameReference {
    /// The name.
    pub name: String,
    /// Whether a row is added even if others have the name.
    pub is_new: bool,
    /// The path of the name within the reference.
    pub field: &'static str,
}

impl NamedReference {
    /// Creates a reference from a global id, or adds an error if the id is invalid or of another kind.
    #[must_use]
    pub fn from_id(id: &str, kind: Kind, path: &str, errors: &mut UserErrors) -> Option<Self> {
        decode_key(id, kind, path, errors).map(Self::Key)
    }

    /// Creates a reference from a slug, or adds an error if the slug is invalid. An invalid slug gives the error of a
    /// slug that doesn't exist.
    #[must_use]
    pub fn from_slug(slug: String, path: &str, errors: &mut UserErrors) -> Option<Self> {
        check_slug(slug, path, errors).map(Self::Slug)
    }

    /// Creates a reference from a name, normalized as it is stored, or adds an error if the name is invalid.
    #[must_use]
    pub fn from_name(name: String, path: &str, errors: &mut UserErrors) -> Option<Self> {
        Self::read_name((name, false), (path, "name"), errors)
    }

    /// Creates a reference from a name, and whether a row is added even if others have the name. Adds an error if the
    /// name is invalid.
    #[must_use]
    pub fn from_named(
        name: String,
        is_new: bool,
        path: &str,
        errors: &mut UserErrors,
    ) -> Option<Self> {
        Self::read_name((name, is_new), (path, "named.name"), errors)
    }

    fn read_name(
        (name, is_new): (String, bool),
        (path, field): (&str, &'static str),
        errors: &mut UserErrors,
    ) -> Option<Self> {
        match patch::name(Patch::Set(name), &format!("{path}.{field}"), errors) {
            Patch::Set(name) => Some(Self::Name(NameReference {
                name,
                is_new,
                field,
            })),
            Patch::Keep | Patch::Clear => None,
        }
    }
}

/// Returns the slug of an existing row, or adds an error if it is not a slug.
#[must_use]
pub fn check_slug(slug: String, path: &str, errors: &mut UserErrors) -> Option<String> {
    if let Err(error) = text::check_length(&slug, text::MAX_NAME_LENGTH) {
        errors.add(path, TooLong, error.to_string());
        return None;
    }
    if text::is_slug(&slug) {
        return Some(slug);
    }
    let message = "is not a slug; a slug has lower-case letters, digits and hyphens";
    errors.add(path, NotFound, message);
    None
}

/// Decodes a global id to the key of its row, or adds an error if the id is invalid or of another kind.
#[must_use]
pub fn decode_key(id: &str, kind: Kind, path: &str, errors: &mut UserErrors) -> Option<i64> {
    let key = GlobalId::decode(id)
        .filter(|global| global.kind == kind)
        .map(|global| global.key);
    if key.is_none() {
        errors.add(path, NotFound, not_an_id(kind, path));
    }
    key
}

/// Returns the message of an invalid id at `path`, with the field that takes a slug instead.
#[must_use]
pub fn not_an_id(kind: Kind, path: &str) -> String {
    let noun = kind.name().to_lowercase();
    let by = match path.rsplit_once('.') {
        Some((reference, "id")) => reference.to_owned(),
        _ if path == "id" => "by".to_owned(),
        _ => format!("{path}By"),
    };
    match kind {
        Kind::Film | Kind::Critic | Kind::Publication => {
            format!("is not the id of a {noun}; a slug is given by `{by}: {{slug: …}}`")
        }
        _ => format!("is not the id of a {noun}"),
    }
}

/// The kind of a named row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NamedKind {
    /// A critic.
    Critic,
    /// A publication.
    Publication,
}

impl NamedKind {
    /// Returns the noun for messages, which is also the name of the table.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Critic => "critic",
            Self::Publication => "publication",
        }
    }

    /// Returns the kind of its external ids; `None` if rows of this kind have none.
    #[must_use]
    pub const fn identified(self) -> Option<IdentifiedKind> {
        match self {
            Self::Critic => Some(IdentifiedKind::Critic),
            Self::Publication => None,
        }
    }

    /// Returns the kind of its global ids.
    #[must_use]
    pub const fn global_id_kind(self) -> Kind {
        match self {
            Self::Critic => Kind::Critic,
            Self::Publication => Kind::Publication,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_about_an_id_names_the_field_for_a_slug() {
        for (kind, path, by) in [
            (Kind::Film, "film", "`filmBy: {slug: …}`"),
            (Kind::Critic, "id", "`by: {slug: …}`"),
            (Kind::Critic, "critic.id", "`critic: {slug: …}`"),
            (Kind::Publication, "from", "`fromBy: {slug: …}`"),
        ] {
            let message = not_an_id(kind, path);
            assert!(message.ends_with(by), "{message}");
        }
        assert_eq!(not_an_id(Kind::Review, "id"), "is not the id of a review");
    }
}
