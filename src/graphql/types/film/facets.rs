//! The type `FilmFacets`.

use async_graphql::{Context, Result, SimpleObject};
use macros::InlineObject;

use super::filter::FilmFilterInput;
use crate::{
    film::{facets::FilmFacets, store::facets::FacetsOfFilms},
    graphql::{
        int, load,
        selection::{Inlined, InlinedList},
        site_rules,
        types::score::Verdict,
    },
    score::Policy,
};

/// The numbers of the films that match a filter, by year, decade, genre and verdict. The values of each are counted without
/// the filter's own field: by year and by decade without `year`, by genre without `genre`, `allGenres` and `anyGenre`, by
/// verdict without `verdict`. So each number is the `totalCount` of `films` if the value replaces that field. Values that no
/// film has are left out.
#[derive(Debug, InlineObject, SimpleObject)]
#[graphql(name = "FilmFacets")]
pub struct FilmFacetsObject {
    /// By the year of the first release, newest first. Films without a year are in none.
    years: InlinedList<YearCount>,
    /// By the decade of the first release, newest first. The value is its first year: 1990 is 1990 to 1999.
    decades: InlinedList<YearCount>,
    /// By genre, the most frequent first, equally frequent ones by name; at most 100. A film is in each of its genres.
    genres: InlinedList<GenreCount>,
    /// By verdict under the rules of the site, the best first. Films without a score are in none.
    verdicts: InlinedList<VerdictCount>,
}

/// The number of films of a year or a decade.
#[derive(Debug, InlineObject, SimpleObject)]
pub struct YearCount {
    /// The year, or the first year of the decade.
    value: i32,
    /// The number of films.
    count: i32,
}

/// The number of films of a genre.
#[derive(Debug, InlineObject, SimpleObject)]
pub struct GenreCount {
    /// The genre.
    value: String,
    /// The number of films.
    count: i32,
}

/// The number of films with a verdict.
#[derive(Debug, InlineObject, SimpleObject)]
pub struct VerdictCount {
    /// The verdict.
    value: Verdict,
    /// The number of films.
    count: i32,
}

impl FilmFacetsObject {
    fn new(facets: &FilmFacets, policy: &Policy) -> Self {
        let of_years = |years: &[(i32, u64)]| {
            let years = years.iter().map(|(value, films)| YearCount {
                value: *value,
                count: int(*films),
            });
            years.collect()
        };
        let genres = facets.genres().iter().map(|(value, films)| GenreCount {
            value: value.clone(),
            count: int(*films),
        });
        let verdicts = facets.verdicts(policy).into_iter();
        let verdicts = verdicts.map(|(value, films)| VerdictCount {
            value: value.into(),
            count: int(films),
        });
        Self {
            years: of_years(facets.years()),
            decades: of_years(&facets.decades()),
            genres: genres.collect(),
            verdicts: verdicts.collect(),
        }
    }
}

/// Counts the films that match a filter by their properties.
///
/// # Errors
///
/// When the filter is invalid, or a statement fails.
pub async fn film_facets(
    ctx: &Context<'_>,
    filter: Option<FilmFilterInput>,
) -> Result<Inlined<FilmFacetsObject>> {
    let rules = site_rules(ctx).await?.scoring();
    let key = FacetsOfFilms {
        filter: FilmFilterInput::resolve(ctx, filter, &rules.policy).await?,
        generation: rules.generation,
    };
    let facets = load(ctx, key).await?.unwrap_or_default();
    Ok(Inlined(FilmFacetsObject::new(&facets, &rules.policy)))
}
