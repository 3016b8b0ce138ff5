//! The cost of fields in units.
//!
//! A unit is about a microsecond of one processor, of the server or of PostgreSQL. The constants are measured by
//! `cargo bench --bench price`, which prints how far random operations differ from that.

mod critics;
mod imports;
mod lookups;
mod reviews;
mod search;

use async_graphql::parser::types::Field;
use async_graphql_value::Value;

use self::lookups::of_authors;
use self::reviews::{
    author_pages, count_filtered, count_reviews, counting, examined_of_history, examined_of_score,
    input, is_equal, review_filter, sorted_reviews, until_full,
};
use super::{
    connection::{
        Connection,
        selected_parts::{PageReads, PageShape, SelectedParts},
    },
    price::{Price, Priced},
    schema::Query,
    types::score::ScoreObject,
};
use crate::{
    access::{Viewer, api_token::ApiToken},
    critic::Critic,
    film::{Film, FilmOrder},
    graphql::types::{
        film::filter::FilmOrderInput,
        score_distribution::{ScoreDistribution, ScoreShare},
    },
    publication::Publication,
    review::{Review, owner::OwnerKind, revision::ReviewRevision, statistics::Statistics},
};

/// The cost of a request that executes an operation, in addition to its fields.
pub const REQUEST_COST: u32 = 100;

/// A statement that reads a few rows by an index.
const STATEMENT: u64 = 60;

/// A row that is found by its key.
const KEY: u64 = 2;

/// The start of a page in an index.
const PAGE: u64 = 12;

/// The number of rows of a page that are read for a unit.
const ROWS_PER_UNIT: u64 = 4;

/// The number of tables whose rows have a global ID.
const NODE_TABLES: u64 = 4;

/// A text that is shortened.
const SHORTENING: u64 = 1;

/// A score under another policy than that of the site, or a tally.
const TALLY: u64 = 10;

/// A review that the database counts, in hundredths of a unit.
const COUNTED: u64 = 15;

/// A review that the database counts for a history, in hundredths of a unit.
const OF_HISTORY: u64 = 40;

/// A review that is read to sort a page.
const SORTED: u64 = 3;

/// The transaction of a mutation.
const TRANSACTION: u64 = 500;

/// The types that fields load by key.
const LOADED_TYPES: [&str; 4] = ["Film", "Critic", "Publication", "Review"];

/// A cost, of which a part is multiplied by the number of objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FieldCost {
    /// Units for each selection of the field, on however many objects: their rows are read together.
    pub selection: u64,
    /// Units for each object that the field is selected on.
    pub object: u64,
    /// Units for the rows that are examined for all objects. They depend on the size of the catalogue.
    pub examined: u64,
}

impl FieldCost {
    const fn new(selection: u64, object: u64) -> Self {
        Self {
            selection,
            object,
            examined: 0,
        }
    }

    const fn with_examined(self, examined: u64) -> Self {
        Self { examined, ..self }
    }

    /// Returns the sum of two costs.
    #[must_use]
    pub fn saturating_add(self, other: Self) -> Self {
        Self {
            selection: self.selection.saturating_add(other.selection),
            object: self.object.saturating_add(other.object),
            examined: self.examined.saturating_add(other.examined),
        }
    }
}

/// A field that lists something, as the context of the fields of its connection; a score, as that of its own fields.
#[derive(Clone, Copy, Debug)]
pub struct List<'a> {
    price: Price,
    field: &'a Field,
}

/// The context of a field, which its cost depends on.
#[derive(Clone, Copy, Debug)]
pub struct FieldContext<'a> {
    /// The size of the catalogue.
    pub statistics: &'a Statistics,
    /// The maximum number of objects that the field is selected on.
    pub objects: u64,
    /// The list whose connection the field belongs to, or the score, if it does.
    pub list: Option<List<'a>>,
}

/// Returns the price of a field of an object type. `ty` is the name of the field's type.
#[must_use]
pub fn price_of(parent: &str, field: &str, ty: &str) -> Price {
    let declared = match parent {
        "Query" => Query::price_of(field),
        "Film" => Film::price_of(field),
        "Critic" => Critic::price_of(field),
        "Publication" => Publication::price_of(field),
        "Review" => Review::price_of(field),
        "ReviewRevision" => ReviewRevision::price_of(field),
        "Score" => ScoreObject::price_of(field),
        "ScoreDistribution" => ScoreDistribution::price_of(field),
        "ScoreShare" => ScoreShare::price_of(field),
        "Viewer" => Viewer::price_of(field),
        "ApiToken" => ApiToken::price_of(field),
        "Mutation" if ["importPage", "importFile"].contains(&field) => Some(Price::Import),
        "Mutation" => Some(Price::Mutation),
        "Subscription" => Some(Price::Lookup),
        connection if connection.ends_with("Connection") => Connection::<Film>::price_of(field),
        // The reviews are read with the contributions.
        "ScoreContribution" => Some(Price::Nothing),
        edge if edge.ends_with("Edge") => Some(Price::Nothing),
        _ => None,
    };
    // Other fields return values of their objects, or load an object by its key.
    declared.unwrap_or(if LOADED_TYPES.contains(&ty) {
        Price::Lookup
    } else {
        Price::Nothing
    })
}

impl Price {
    /// Returns the list of a field with this price, if it is one. The reviews of a score are one.
    #[must_use]
    pub fn list(self, field: &Field) -> Option<List<'_>> {
        match self {
            Self::Films
            | Self::Critics
            | Self::Publications
            | Self::Reviews
            | Self::ReviewsOf(_)
            | Self::Score(_)
            | Self::History(_)
            | Self::Explanation
            | Self::ShortList => Some(List { price: self, field }),
            Self::Nothing
            | Self::Shortening
            | Self::Lookup
            | Self::Nodes
            | Self::FilmFacets
            | Self::Search
            | Self::TotalCount
            | Self::JsonLd
            | Self::ScoreRange
            | Self::Outliers(_)
            | Self::PerYear(_)
            | Self::Quotes
            | Self::SimilarFilms
            | Self::Agreement
            | Self::CriticsByDistance
            | Self::Mutation
            | Self::Import => None,
        }
    }

    /// Returns the cost of a field with this price, beyond the values that it returns. `page` is the size of its page, if
    /// it is a list.
    #[must_use]
    pub fn cost(self, field: &Field, page: u64, context: FieldContext<'_>) -> FieldCost {
        self.own_cost(field, page, context)
            .saturating_add(lookups::cost(field))
    }

    fn own_cost(self, field: &Field, page: u64, context: FieldContext<'_>) -> FieldCost {
        let FieldContext {
            statistics,
            objects,
            list,
        } = context;
        match self {
            Self::Nothing => FieldCost::default(),
            Self::Shortening => FieldCost::new(0, SHORTENING),
            Self::Lookup => FieldCost::new(STATEMENT, KEY),
            Self::Nodes => FieldCost::new(NODE_TABLES * STATEMENT, KEY),
            Self::Films
            | Self::Critics
            | Self::Publications
            | Self::Reviews
            | Self::ReviewsOf(_)
            | Self::History(_)
            | Self::Explanation
            | Self::ShortList => self.page_cost(field, page, context),
            Self::TotalCount => match list {
                Some(list) => list.count_cost(context),
                None => FieldCost::new(STATEMENT, 0),
            },
            // Each film is compared once with the filter, and counted up to four times.
            Self::FilmFacets => {
                let counted = hundredths(statistics.films, 10);
                FieldCost::new(STATEMENT, 0).with_examined(counted + of_authors(field, statistics))
            }
            Self::JsonLd => FieldCost::new(3 * STATEMENT, PAGE + page * (1 + 2 * KEY)),
            Self::Search => search::cost(field, page, statistics),
            Self::Score(kind) => match counting(field) {
                Some(counting) => {
                    let examined = count_reviews(kind, &counting, objects, statistics);
                    FieldCost::new(STATEMENT, TALLY).with_examined(examined)
                }
                // A film is read with its tally.
                None if kind == OwnerKind::Film => FieldCost::new(0, TALLY),
                None => FieldCost::new(STATEMENT, TALLY),
            },
            Self::ScoreRange => {
                FieldCost::new(STATEMENT, KEY).with_examined(examined_of_score(list, context))
            }
            Self::Outliers(kind) => critics::outliers(kind, page, objects, statistics),
            Self::PerYear(kind) => critics::per_year(kind, objects, statistics),
            Self::Quotes => critics::quotes(page, objects, statistics),
            Self::SimilarFilms => critics::similar_films(page, objects, statistics),
            Self::Agreement => critics::agreement(objects, statistics),
            Self::CriticsByDistance => critics::by_distance(page, objects, statistics),
            Self::Mutation => FieldCost::new(0, TRANSACTION),
            Self::Import => imports::cost(field),
        }
    }

    /// Returns the cost of the reads of a page, and of those that find out whether there are items around it.
    fn page_cost(self, field: &Field, page: u64, context: FieldContext<'_>) -> FieldCost {
        let reads = page_reads(field, page);
        let own = if page > 0 || reads.page {
            let examined = self.examined(field, page, context);
            FieldCost::new(STATEMENT, PAGE + page / ROWS_PER_UNIT).with_examined(examined)
        } else {
            FieldCost::default()
        };
        let beyond = u64::from(reads.up_to_after) + u64::from(reads.from_before);
        let examined = self.examined(field, 0, context).saturating_mul(beyond);
        let beyond = FieldCost::new(STATEMENT * beyond, PAGE * beyond);
        own.saturating_add(beyond.with_examined(examined))
    }

    /// Returns the cost of the rows that a page examines beyond its own, for all objects.
    fn examined(self, field: &Field, page: u64, context: FieldContext<'_>) -> u64 {
        let statistics = context.statistics;
        match self {
            Self::Films if has_filter(field) || !has_database_index(field) => {
                hundredths(statistics.films, 5) + of_authors(field, statistics)
            }
            Self::Critics if has_filter(field) => hundredths(statistics.critics, 30),
            Self::Publications if has_filter(field) => hundredths(statistics.publications, 30),
            Self::Reviews => match review_filter(field) {
                Some(filter) => match (filter.author(), sorted_reviews(&filter, statistics)) {
                    (Some((author, rest)), _) => {
                        author_pages(author.kind(), &rest, page, 1, statistics)
                    }
                    (None, Some(sorted)) => sorted.saturating_mul(SORTED),
                    (None, None) => {
                        let until_full = until_full(&filter, page, statistics);
                        let examined = until_full.unwrap_or_else(|| statistics.reviews());
                        hundredths(examined, 5)
                    }
                },
                None => 0,
            },
            Self::ReviewsOf(kind) => match review_filter(field) {
                Some(filter) => author_pages(kind, &filter, page, context.objects, statistics),
                None => 0,
            },
            Self::History(kind) => {
                let counting = counting(field).unwrap_or_default();
                examined_of_history(kind, &counting, context.objects, statistics)
            }
            // The sums of a stored tally are read with it.
            Self::Explanation => {
                let is_counted = |list: List<'_>| {
                    counting(list.field).is_some() || is_equal(list.field, statistics)
                };
                let list = context.list.filter(|list| is_counted(*list));
                examined_of_score(list, context).saturating_mul(2)
            }
            _ => 0,
        }
    }
}

impl List<'_> {
    /// Returns the cost of the number of the list's items.
    fn count_cost(self, context: FieldContext<'_>) -> FieldCost {
        let FieldContext {
            statistics,
            objects,
            ..
        } = context;
        let has_filter = has_filter(self.field);
        let (rows, object) = match self.price {
            Price::Films => (
                hundredths(statistics.films, 5) + of_authors(self.field, statistics),
                0,
            ),
            Price::Critics => (
                hundredths(statistics.critics, if has_filter { 30 } else { 10 }),
                0,
            ),
            Price::Publications => (hundredths(statistics.publications, 30), 0),
            Price::Reviews => {
                let filter = review_filter(self.field).unwrap_or_default();
                match filter.author() {
                    Some((author, rest)) => {
                        (count_filtered(author.kind(), &rest, 1, statistics), 0)
                    }
                    None if filter.rest.is_given() => {
                        (hundredths(statistics.reviews(), COUNTED), 0)
                    }
                    None => (hundredths(statistics.classes.months(), 20), 0),
                }
            }
            Price::ReviewsOf(kind) => match review_filter(self.field) {
                Some(filter) => (count_filtered(kind, &filter, objects, statistics), KEY),
                None => (0, KEY),
            },
            _ => (0, KEY),
        };
        FieldCost::new(STATEMENT, object).with_examined(rows)
    }
}

/// Returns the reads of a list.
fn page_reads(field: &Field, page: u64) -> PageReads {
    let has = |name| argument(field, name).is_some_and(|value| *value != Value::Null);
    let shape = PageShape {
        is_empty: page == 0,
        is_from_end: has("last"),
        has_after: has("after"),
        has_before: has("before"),
    };
    SelectedParts::of(&field.selection_set.node).reads(shape)
}

/// Returns whether the database has an index of the order of a list of films.
fn has_database_index(field: &Field) -> bool {
    let order: Option<FilmOrderInput> = input(field, "orderBy").unwrap_or_default();
    order.is_none_or(|order| FilmOrder::from(order).field.has_database_index())
}

fn has_filter(field: &Field) -> bool {
    match argument(field, "filter") {
        Some(Value::Object(fields)) => fields.values().any(|value| *value != Value::Null),
        _ => false,
    }
}

fn argument<'a>(field: &'a Field, name: &str) -> Option<&'a Value> {
    field.get_argument(name).map(|value| &value.node)
}

/// Returns the cost of a number of rows, of which each costs this many hundredths of a unit.
fn hundredths(rows: u64, each: u64) -> u64 {
    rows.saturating_mul(each) / 100
}
