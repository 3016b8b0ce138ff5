//! The descriptions of layouts.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU16,
    sync::LazyLock,
};

use serde::Deserialize;
use thiserror::Error;

use super::meaning::{Meaning, UnknownMeaning};
use crate::{
    catalogue::DateOrder,
    import::source::TextEncoding,
    published_score::{Audience, Kind},
};

/// Declares the texts of all layouts, in the order of the documentation.
macro_rules! layouts {
    ($($name:literal)+) => {
        const TEXTS: &[(&str, &str)] = &[$(($name, include_str!(concat!($name, ".toml")))),+];
    };
}

layouts! {
    "letterboxd-reviews" "letterboxd-diary" "letterboxd-ratings" "letterboxd-profile" "letterboxd-watched"
    "imdb-ratings"
    "rt-movies" "rt-reviews" "rt2020-movies" "rt2020-reviews" "rt2023-movies" "rt2023-reviews" "rt-years"
    "fresh-rotten"
    "metacritic-movies" "metacritic-reviews"
    "fandango" "tmdb" "douban"
    "newspaper"
}

static LAYOUTS: LazyLock<Result<Vec<Layout>, LayoutError>> = LazyLock::new(|| {
    TEXTS
        .iter()
        .map(|(name, text)| Layout::parse(name, text))
        .collect()
});

/// Returns every layout.
///
/// # Errors
///
/// When the description of a layout is invalid, which a test prevents.
pub fn all() -> Result<&'static [Layout], &'static LayoutError> {
    LAYOUTS.as_deref()
}

/// An error in the description of a layout.
#[derive(Debug, Error)]
#[error("the layout {name} is invalid: {reason}")]
pub struct LayoutError {
    name: String,
    reason: String,
}

/// The description of a table that a site or a program writes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// The name, for `--layout`.
    pub name: String,
    /// The title, for people.
    pub title: String,
    /// A sentence about what an import stores of it.
    pub about: String,
    /// What a row is.
    pub rows: RowsOf,
    /// The columns that a table has to have to be of this layout.
    pub required: Vec<String>,
    /// The source of the reviews.
    pub source: Option<String>,
    /// Whether all reviews are those of one person that the table doesn't name.
    pub member: Option<Member>,
    /// The columns that together identify a review. The id of a review also has the name of the member.
    #[serde(default)]
    pub identity: Vec<String>,
    /// The columns that identify a review if no row and no option names the member. They distinguish the reviews of several members.
    #[serde(default)]
    pub anonymous_identity: Vec<String>,
    /// The columns of which a row needs one to be a review.
    pub needs: Option<Needs>,
    /// The folders of an archive whose tables are not read, because the member has deleted what they have.
    #[serde(default)]
    pub unread_folders: Vec<String>,
    /// The order in which tables of films or of reviews are read. A review that an earlier table has is left out.
    #[serde(default)]
    pub order: u8,
    /// The order of dates of digits.
    pub dates: Option<DateOrder>,
    /// The encoding of files that are not UTF-8, where the bytes don't decide it.
    pub encoding: Option<String>,
    /// The columns that are read into columns of the catalogue.
    #[serde(default)]
    pub columns: BTreeMap<String, ColumnRule>,
    /// The known columns that are not read, each with the reason.
    #[serde(default)]
    pub not_read: BTreeMap<String, String>,
    /// The scores that the table has for films.
    #[serde(default)]
    pub published: Vec<PublishedRule>,
    /// The rows that are left out.
    #[serde(default)]
    pub leave_out: Vec<LeaveOut>,
    /// The columns of the first row that make the name of the member of the other tables: the first of these lists that
    /// isn't blank.
    #[serde(default)]
    pub member_name: Vec<Vec<String>>,
}

/// What the rows of a layout are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowsOf {
    /// Films, with scores that sources publish for them.
    Films,
    /// Reviews, and what the row says of their films.
    Reviews,
    /// Neither.
    None,
}

/// Whether an import needs the name of the member whose reviews a table has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Member {
    /// The import needs the name.
    Required,
    /// Without the name, the reviews have no critic.
    Optional,
}

/// How a column is read: a name of a meaning, or a table with more.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "RuleText")]
pub struct ColumnRule {
    /// The name of the meaning.
    pub meaning: String,
    /// The maximum of a grade that is a bare number.
    pub out_of: Option<NonZeroU16>,
    /// The separator of the items of a list.
    pub separator: Option<char>,
    /// Whether the cells are HTML.
    pub html: bool,
    /// Whether the cells are text with HTML entities.
    pub entities: bool,
    /// Whether the cells are bylines, in which one name is that of the critic.
    pub names: bool,
    /// The values that mean that the value is unknown.
    pub unknown: Vec<String>,
    /// The column that is read where this one is blank.
    pub otherwise: Option<String>,
    /// The columns with the minimum and the maximum of a grade that is a bare number.
    pub range: GradeRange,
    /// How an id is completed that is only a number.
    pub id: IdForm,
}

/// The columns with the minimum and the maximum of the grades of another column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GradeRange {
    /// The column with the minimum.
    pub minimum: Option<String>,
    /// The column with the maximum.
    pub maximum: Option<String>,
}

/// How the number in a column becomes an id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdForm {
    /// The text before the number.
    pub prefix: String,
    /// The minimum number of digits.
    pub digits: usize,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RuleText {
    Name(String),
    Rule(FullRule),
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct FullRule {
    #[serde(rename = "as")]
    meaning: String,
    out_of: Option<NonZeroU16>,
    separator: Option<char>,
    html: bool,
    entities: bool,
    names: bool,
    unknown: Vec<String>,
    otherwise: Option<String>,
    prefix: String,
    digits: usize,
}

impl From<RuleText> for ColumnRule {
    fn from(text: RuleText) -> Self {
        let rule = match text {
            RuleText::Name(meaning) => FullRule {
                meaning,
                ..FullRule::default()
            },
            RuleText::Rule(rule) => rule,
        };
        Self {
            meaning: rule.meaning,
            out_of: rule.out_of,
            separator: rule.separator,
            html: rule.html,
            entities: rule.entities,
            names: rule.names,
            unknown: rule.unknown,
            otherwise: rule.otherwise,
            range: GradeRange::default(),
            id: IdForm {
                prefix: rule.prefix,
                digits: rule.digits,
            },
        }
    }
}

impl ColumnRule {
    /// Creates the rule of a column that is read as it is.
    pub(super) fn plain(meaning: &str) -> Self {
        RuleText::Name(meaning.to_owned()).into()
    }
}

/// A score that a source publishes for the film of a row.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedRule {
    /// The column of the value.
    pub column: String,
    /// What the value measures.
    pub measure: Kind,
    /// The site that publishes the score.
    pub source: String,
    /// Whose judgements the score sums up.
    #[serde(default)]
    pub audience: Audience,
    /// The maximum of the value.
    pub out_of: NonZeroU16,
    /// The column of the score in words.
    pub label: Option<String>,
    /// The column of the number of judgements.
    pub review_count: Option<String>,
    /// The column of the number of positive ones.
    pub positive_count: Option<String>,
    /// The column of the number of mixed ones.
    pub mixed_count: Option<String>,
    /// The column of the number of negative ones.
    pub negative_count: Option<String>,
}

/// The columns of which a row needs one. Other rows are left out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Needs {
    /// The columns.
    pub one_of: Vec<String>,
    /// The words for rows without any, in the plural.
    pub words: String,
}

/// Rows that are left out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaveOut {
    /// The column that decides.
    pub column: String,
    /// The values of the rows.
    pub values: Vec<String>,
    /// The words for the rows, in the plural.
    pub words: String,
}

impl PublishedRule {
    /// Returns the columns beside the value, each with its meaning.
    pub(super) fn parts(&self) -> impl Iterator<Item = (&String, &'static str)> {
        [
            (&self.label, "label"),
            (&self.review_count, "review_count"),
            (&self.positive_count, "positive_count"),
            (&self.mixed_count, "mixed_count"),
            (&self.negative_count, "negative_count"),
        ]
        .into_iter()
        .filter_map(|(column, part)| Some((column.as_ref()?, part)))
    }
}

impl Layout {
    fn parse(name: &str, text: &str) -> Result<Self, LayoutError> {
        let error = |reason: String| LayoutError {
            name: name.to_owned(),
            reason,
        };
        let layout: Self = toml::from_str(text).map_err(|cause| error(cause.to_string()))?;
        if layout.name != name {
            return Err(error(format!("its name is {:?}", layout.name)));
        }
        layout.check().map_err(error)?;
        Ok(layout)
    }

    /// Returns the columns that the layout knows.
    pub(super) fn known_columns(&self) -> BTreeSet<&str> {
        let published = self.published.iter().flat_map(|rule| {
            let parts = rule.parts().map(|(column, _)| column);
            [&rule.column].into_iter().chain(parts)
        });
        let otherwise = self
            .columns
            .values()
            .filter_map(|rule| rule.otherwise.as_ref());
        let left_out = self.leave_out.iter().map(|rule| &rule.column);
        self.columns
            .keys()
            .chain(self.not_read.keys())
            .chain(published)
            .chain(otherwise)
            .chain(left_out)
            .map(String::as_str)
            .collect()
    }

    /// Checks what the types can't express.
    fn check(&self) -> Result<(), String> {
        for (column, rule) in &self.columns {
            let meaning = Meaning::of_name(&rule.meaning);
            meaning.map_err(|UnknownMeaning| format!("{column} means {:?}", rule.meaning))?;
            if self.not_read.contains_key(column) {
                return Err(format!("{column} is read and not read"));
            }
        }
        let known = self.known_columns();
        let needed = self.needs.iter().flat_map(|needs| &needs.one_of);
        let mut named = self
            .required
            .iter()
            .chain(&self.identity)
            .chain(&self.anonymous_identity)
            .chain(needed);
        let unknown = named.find(|column| !known.contains(column.as_str()));
        match (self.rows, unknown) {
            (RowsOf::None, _) | (_, None) => {}
            (_, Some(column)) => return Err(format!("it says nothing of {column}")),
        }
        if let Some(encoding) = &self.encoding {
            let parsed: Result<TextEncoding, _> = encoding.parse();
            parsed.map_err(|error| error.to_string())?;
        }
        let may_be_anonymous = self.member == Some(Member::Optional);
        if may_be_anonymous && self.anonymous_identity.is_empty() {
            return Err("it has no anonymous_identity".to_owned());
        }
        if self.required.is_empty() {
            return Err("it requires no column".to_owned());
        }
        Ok(())
    }
}
