//! Reads of critics from the database.

pub mod erase;
pub mod erasures;

use std::{collections::HashMap, sync::Arc};

use entity::{critic, critic_tally};
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryTrait,
    sea_query::Expr,
};

use super::{Critic, CriticId};
use crate::{
    cache::tag::{Tag, TagKind},
    database::{keyset::Keyset, session::Session, sql},
    loader::{
        key::{CopyValue, LoaderKey, one_by_one},
        page_key::{PageKey, PageValue},
    },
    named::{NameFilter, NamedOrder, NamedOrderField},
    pagination::{Page, PageRequest},
    score::{Basis, ScoredTally, row::tally_of_row},
};

/// The generated column of folded names, as searches compare them.
const NAME_SEARCH: &str = "name_search";

/// A critic by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CriticById(pub CriticId);

impl LoaderKey for CriticById {
    type Value = Arc<Critic>;
    type Group = ();

    const WEIGH: Option<fn(&Self::Value) -> usize> = Some(weigh);

    const COPY: Option<CopyValue<Self::Value>> = Some(|critic| Arc::new(Critic::clone(critic)));

    fn group(&self) {}

    fn tags(&self, _: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        visit(Tag::of(TagKind::Critic, self.0.0));
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Arc<Critic>>, DbErr> {
        let ids: Vec<i64> = keys.iter().map(|key| key.0.0).collect();
        let rows = critic::Entity::find()
            .filter(critic::COLUMN.id.eq_any(ids))
            .all(session)
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| (Self(CriticId(row.id)), Arc::new(row.into())))
            .collect())
    }
}

/// A critic by its slug.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CriticBySlug(pub String);

impl LoaderKey for CriticBySlug {
    type Value = Arc<Critic>;
    type Group = ();

    const WEIGH: Option<fn(&Self::Value) -> usize> = Some(weigh);

    fn group(&self) {}

    /// A critic's slug changes only with the critic. An unknown slug stays unknown as long as no critic changes.
    fn tags(&self, critic: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        visit(critic.map_or(Tag::any(TagKind::Critic), |critic| {
            Tag::of(TagKind::Critic, critic.id.0)
        }));
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Arc<Critic>>, DbErr> {
        let slugs = keys.into_iter().map(|key| key.0).collect();
        let critics = find_by_slugs(slugs, session).await?.into_iter();
        Ok(critics
            .map(|critic| (Self(critic.slug.clone()), Arc::new(critic)))
            .collect())
    }
}

/// Returns the critics with these slugs, in any order.
///
/// # Errors
///
/// When the statement fails.
pub async fn find_by_slugs(
    slugs: Vec<String>,
    connection: &impl ConnectionTrait,
) -> Result<Vec<Critic>, DbErr> {
    let select = critic::Entity::find().filter(critic::COLUMN.slug.eq_any(slugs));
    let rows = select.all(connection).await?;
    Ok(rows.into_iter().map(Critic::from).collect())
}

/// The number of critics that match a filter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CriticCount(pub NameFilter);

impl LoaderKey for CriticCount {
    type Value = u64;
    type Group = NameFilter;

    fn group(&self) -> NameFilter {
        self.0.clone()
    }

    fn tags(&self, _: Option<&u64>, visit: &mut dyn FnMut(Tag)) {
        visit(Tag::any(TagKind::Critic));
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, u64>, DbErr> {
        one_by_one(keys, |key| async move {
            if key.0.excludes_all() {
                return Ok(0);
            }
            filtered(critic::Entity::find(), &key.0)
                .count(session)
                .await
        })
        .await
    }
}

/// A page of critics.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CriticPage {
    /// The filter.
    pub filter: NameFilter,
    /// The order.
    pub order: NamedOrder,
    /// The page.
    pub page: PageRequest,
}

/// A page of critics with their tallies, which the same statement reads.
#[derive(Clone, Debug, Default)]
pub struct CriticsWithTallies {
    /// The page.
    pub page: Arc<Page<Arc<Critic>>>,
    /// The tally of each.
    pub tallies: Arc<Vec<(CriticId, Arc<ScoredTally>)>>,
}

impl CriticPage {
    async fn fetch(&self, session: &Session) -> Result<CriticsWithTallies, DbErr> {
        if self.filter.excludes_all() {
            return Ok(CriticsWithTallies {
                page: Arc::new(Page::from_rows(Vec::new(), &self.page)),
                tallies: Arc::default(),
            });
        }
        let select = filtered(
            critic::Entity::find().find_both_related(critic_tally::Entity),
            &self.filter,
        );
        let select = keyset(self.order).page(select.into_query(), &self.page);
        let statement = sql::build(&select);
        let mut rows = Vec::new();
        let mut tallies = Vec::new();
        for row in session.query_all_raw(statement).await? {
            // SeaORM prefixes the columns of the two tables with `A_` and `B_`.
            let critic = Critic::from(critic::Model::from_query_result(&row, "A_")?);
            let tally = critic_tally::Model::from_query_result(&row, "B_")?;
            let tally = tally_of_row!(tally)?;
            let position = self
                .order
                .position(&critic.name, critic.id.0, tally.review_count());
            tallies.push((critic.id, Arc::new(ScoredTally::new(tally, Basis::Reviews))));
            rows.push((Arc::new(critic), position));
        }
        Ok(CriticsWithTallies {
            page: Arc::new(Page::from_rows(rows, &self.page)),
            tallies: Arc::new(tallies),
        })
    }
}

impl LoaderKey for CriticPage {
    type Value = CriticsWithTallies;
    type Group = Self;

    fn group(&self) -> Self {
        self.clone()
    }

    fn tags(&self, value: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        visit(Tag::any(TagKind::Critic));
        if self.order.field == NamedOrderField::ReviewCount {
            visit(Tag::any(TagKind::CriticReviews));
        }
        for (critic, _) in value.iter().flat_map(|value| &value.page.rows) {
            visit(Tag::of(TagKind::Critic, critic.id.0));
        }
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Self::Value>, DbErr> {
        one_by_one(keys, |key| async move { key.fetch(session).await }).await
    }
}

impl PageKey for CriticPage {
    fn page(&self) -> &PageRequest {
        &self.page
    }

    fn with_page(self, page: PageRequest) -> Self {
        Self { page, ..self }
    }
}

impl PageValue for CriticsWithTallies {
    fn has_more(&self) -> bool {
        self.page.has_more
    }
}

/// Returns the approximate size of a critic in bytes.
fn weigh(critic: &Arc<Critic>) -> usize {
    let url = critic.url.as_deref().unwrap_or_default();
    size_of::<Critic>() + critic.slug.len() + critic.name.len() + url.len()
}

fn filtered<S: QueryFilter>(select: S, filter: &NameFilter) -> S {
    match &filter.name {
        Some(name) => {
            let folded = Expr::col((critic::Entity, NAME_SEARCH));
            select.filter(sql::contains(folded, name))
        }
        None => select,
    }
}

fn keyset(order: NamedOrder) -> Keyset {
    // The index of the tally's column ends with the tally's own `critic_id`.
    let (key, id) = match order.field {
        NamedOrderField::Name => (column(critic::Column::Name), column(critic::Column::Id)),
        NamedOrderField::ReviewCount => (
            Expr::col((critic_tally::Entity, critic_tally::Column::ReviewCount)),
            Expr::col((critic_tally::Entity, critic_tally::Column::CriticId)),
        ),
    };
    Keyset {
        key: Some(key),
        is_nullable: order.tag().is_nullable,
        is_index_descending: false,
        key_range: None,
        id,
        direction: order.direction,
    }
}

fn column(column: critic::Column) -> Expr {
    Expr::col((critic::Entity, column))
}

impl From<critic::Model> for Critic {
    fn from(row: critic::Model) -> Self {
        Self {
            id: CriticId(row.id),
            slug: row.slug,
            name: row.name,
            url: row.url,
            version: row.version,
        }
    }
}
