//! Pages of filtered films in the order of their titles.
//!
//! Only the database knows the order of titles, and only the index in memory finds the films of any filter fast. So the
//! titles are read in their order, from an index of the database alone, until enough of them match.

use entity::film;
use sea_orm::{
    DbErr, FromQueryResult,
    sea_query::{Expr, Query},
};

use super::{FilmPage, keyset::keyset};
use crate::{
    database::{session::Session, sql},
    film::store::index::FilmIndex,
    loader::table_index::{CurrentIndex, TableIndex},
    pagination::{Position, SortKey},
};

/// The maximum number of titles that are read at once.
const MAX_TITLES: usize = 10_000;

#[derive(FromQueryResult)]
struct Title {
    id: i64,
    title: String,
}

/// Returns the ids of a page's films and one more, of `matching` films that match its filter.
pub async fn find(
    page: &FilmPage,
    matching: usize,
    index: &CurrentIndex<FilmIndex>,
    session: &Session,
) -> Result<Vec<i64>, DbErr> {
    let wanted = usize::from(page.page.size) + 1;
    // As many titles as have enough matching ones among them, if these are spread evenly, and a few more.
    let mut titles = 2 * wanted * index.read().row_count() / matching.max(1);
    let mut request = page.page.clone();
    let mut found = Vec::new();
    loop {
        titles = titles.clamp(wanted, MAX_TITLES);
        request.size = u16::try_from(titles).unwrap_or(u16::MAX);
        let select = Query::select()
            .expr(Expr::col((film::Entity, film::Column::Id)))
            .expr(Expr::col((film::Entity, film::Column::Title)))
            .from(film::Entity)
            .take();
        let select = keyset(page.order).page(select, &request);
        let rows: Vec<Title> = sql::rows(session, sql::build(&select)).await?;
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        found.extend(index.read().matching(&page.filter, &ids));
        let is_last = rows.len() <= titles;
        let Some(last) = rows.into_iter().next_back() else {
            return Ok(found);
        };
        if is_last || found.len() >= wanted {
            found.truncate(wanted);
            return Ok(found);
        }
        let position = Some(Position {
            key: SortKey::Text(last.title),
            id: last.id,
        });
        if request.is_from_end {
            request.before = position;
        } else {
            request.after = position;
        }
        titles *= 2;
    }
}
