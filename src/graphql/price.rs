//! The prices of fields.

use crate::review::owner::OwnerKind;

/// What a field makes the server and the database do, beyond writing the values of the response. The cost in units
/// depends on the arguments and on the size of the catalogue: [`price_list`](super::price_list).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Price {
    /// Nothing.
    Nothing,
    /// Shortens a text.
    Shortening,
    /// Reads rows by their keys.
    Lookup,
    /// Reads rows of several tables by their keys.
    Nodes,
    /// Reads a page of films.
    Films,
    /// Counts the films by their properties.
    FilmFacets,
    /// Reads a page of critics.
    Critics,
    /// Reads a page of publications.
    Publications,
    /// Reads a page of all reviews.
    Reviews,
    /// Reads a page of the reviews of an owner.
    ReviewsOf(OwnerKind),
    /// Reads a page of a short list: the revisions of a review, or the tokens.
    ShortList,
    /// Finds a page of what matches a text.
    Search,
    /// Counts the items of the list that the connection is a page of.
    TotalCount,
    /// Reads a page of the reviews of a film, their critics and their publications.
    JsonLd,
    /// Computes the score or the distribution of an owner's reviews.
    Score(OwnerKind),
    /// Reads a page of the history of an owner's score.
    History(OwnerKind),
    /// Reads a page of the reviews that a score is computed from.
    Explanation,
    /// Reads the weights of the unrated reviews of a score's owner.
    ScoreRange,
    /// Compares the reviews of an owner with the other reviews of their films.
    Outliers(OwnerKind),
    /// Counts the reviews of an owner by year.
    PerYear(OwnerKind),
    /// Finds reviews of a film by their excerpts and scores.
    Quotes,
    /// Compares the reviews of a film with all those by the critics who like it.
    SimilarFilms,
    /// Compares the reviews of two critics.
    Agreement,
    /// Compares the reviews of a critic with those of all others.
    CriticsByDistance,
    /// Runs a transaction.
    Mutation,
    /// Reads a page of reviews or a file, and runs a transaction that writes them.
    Import,
}

/// A type whose fields have prices. `#[object]` implements it.
pub trait Priced {
    /// Returns the price of a field that is resolved, by its name in the schema; `None` for a field that returns a value
    /// of its object.
    fn price_of(field: &str) -> Option<Price>;
}
