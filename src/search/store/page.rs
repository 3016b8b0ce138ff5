//! Pages of results.

use std::{collections::HashMap, sync::Arc};

use sea_orm::DbErr;

use super::excerpts;
use crate::{
    cache::tag::{Tag, TagKind},
    database::session::Session,
    loader::{
        key::{LoaderKey, one_by_one},
        table_index::CurrentIndex,
    },
    search::{
        KindSet, NameKind, SearchKind, SearchText,
        name_index::{NameIndex, NameMatches},
        position::{SearchPageRequest, SearchPosition},
    },
};

/// A page of results.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SearchPage {
    /// The words that are looked for.
    pub text: SearchText,
    /// The kinds of results.
    pub kinds: KindSet,
    /// The page.
    pub page: SearchPageRequest,
}

/// The results of a page.
#[derive(Debug, Default)]
pub struct SearchResults {
    /// The places of the results, in their order.
    pub positions: Vec<SearchPosition>,
    /// Whether there are more results.
    pub has_more: bool,
    /// What the results depend on, apart from their rows.
    tags: Vec<Tag>,
}

impl SearchPage {
    async fn fetch(&self, session: &Session) -> Result<SearchResults, DbErr> {
        let limit = usize::from(self.page.size) + 1;
        let mut positions = Vec::new();
        let mut tags = Vec::new();
        let review = match self.page.after {
            Some(SearchPosition::Review(id)) => Some(id),
            Some(SearchPosition::Name(_)) | None => {
                if self.kinds.names().next().is_some() {
                    let matches = self.find_names(session).await?;
                    visit_tags(&matches, self.kinds, &mut |tag| tags.push(tag));
                    positions = self.after_cursor(&matches, limit);
                }
                None
            }
        };
        if positions.len() < limit && self.kinds.has(SearchKind::Review) {
            tags.push(Tag::any(TagKind::Review));
            let missing = limit - positions.len();
            let missing = u16::try_from(missing).unwrap_or(u16::MAX);
            let ids = excerpts::newest(&self.text, review, missing, session).await?;
            positions.extend(ids.into_iter().map(SearchPosition::Review));
        }
        let has_more = positions.len() == limit;
        positions.truncate(limit - 1);
        Ok(SearchResults {
            positions,
            has_more,
            tags,
        })
    }

    async fn find_names(&self, session: &Session) -> Result<NameMatches, DbErr> {
        let names = CurrentIndex::<NameIndex>::current(session).await?;
        Ok(names.with(|index| index.search(&self.text, self.kinds)))
    }

    fn after_cursor(&self, matches: &NameMatches, limit: usize) -> Vec<SearchPosition> {
        let hits = matches.hits.iter().copied();
        let hits = hits.filter(|hit| match self.page.after {
            // Its number of reviews may have changed since.
            Some(SearchPosition::Name(after)) => {
                hit.rank() > after.rank() && (hit.kind, hit.id) != (after.kind, after.id)
            }
            Some(SearchPosition::Review(_)) | None => true,
        });
        hits.map(SearchPosition::Name).take(limit).collect()
    }
}

/// Visits what the found names and their order depend on: all names, also those of other kinds, by which words count as
/// rare, and the numbers of reviews that decide between names with the same score.
fn visit_tags(matches: &NameMatches, kinds: KindSet, visit: &mut dyn FnMut(Tag)) {
    for kind in NameKind::ALL {
        visit(Tag::any(name_tag(kind)));
    }
    for kind in kinds.names() {
        if matches.depends_on_other_counts {
            visit(Tag::any(reviews_tag(kind)));
        }
    }
    for pair in matches.hits.windows(2) {
        if let [one, other] = pair
            && (one.points, one.kind) == (other.points, other.kind)
        {
            visit(Tag::of(reviews_tag(one.kind), one.id));
            visit(Tag::of(reviews_tag(other.kind), other.id));
        }
    }
}

/// Returns the kind of the tags of rows with names of a kind.
const fn name_tag(kind: NameKind) -> TagKind {
    match kind {
        NameKind::Film => TagKind::Film,
        NameKind::Critic => TagKind::Critic,
        NameKind::Publication => TagKind::Publication,
    }
}

/// Returns the kind of the tags of the reviews of such rows.
const fn reviews_tag(kind: NameKind) -> TagKind {
    match kind {
        NameKind::Film => TagKind::FilmReviews,
        NameKind::Critic => TagKind::CriticReviews,
        NameKind::Publication => TagKind::PublicationReviews,
    }
}

impl LoaderKey for SearchPage {
    type Value = Arc<SearchResults>;
    type Group = Self;

    fn group(&self) -> Self {
        self.clone()
    }

    fn tags(&self, results: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        for tag in results.iter().flat_map(|results| &results.tags) {
            visit(*tag);
        }
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Self::Value>, DbErr> {
        one_by_one(
            keys,
            |key| async move { key.fetch(session).await.map(Arc::new) },
        )
        .await
    }
}
