//! The critics that a page names.

use std::collections::{HashMap, HashSet};

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::refusal::AmbiguousCritic;
use crate::{
    database::sql::{self, NewName},
    import::{
        Changes, FoldedName, MAX_SIMILAR_NAMES, SimilarName,
        page::{Page, PageReview},
    },
    named::{
        NamedKind,
        store::{NameMatch, find_by_names, find_similar, new_name},
    },
    slug, text,
};

/// A critic whom a page names.
#[derive(Clone, Debug, FromQueryResult)]
pub struct NamedCritic {
    /// The key.
    pub id: i64,
    /// The slug.
    pub slug: String,
    /// The name, whose case may differ from the page.
    name: String,
}

/// The critics of a page.
#[derive(Debug, Default)]
pub struct PageCritics {
    /// The critics by their names on the page.
    pub by_name: HashMap<String, NamedCritic>,
    /// The changes to the critics.
    pub changes: Changes,
    /// The names on the page that differ in case from those of the critics.
    pub folded_names: Vec<FoldedName>,
    /// The new names that are similar to those of other critics.
    pub similar_names: Vec<SimilarName>,
}

/// The critics of a page that exist, and the names of those to insert.
#[derive(Debug, Default)]
pub struct FoundCritics {
    existing: HashMap<String, NamedCritic>,
    missing: Vec<String>,
}

/// A name on a page.
struct PageName<'p> {
    name: &'p str,
    /// The line of the first review with this name.
    line: usize,
}

/// Returns the name of a review's critic; `None` if it has none.
pub fn critic_of(review: &PageReview) -> Option<&str> {
    review.byline.as_ref().and_then(|byline| byline.critic())
}

/// Returns the names of the page that no critic has.
pub async fn new_names(
    page: &Page,
    transaction: &impl ConnectionTrait,
) -> Result<Vec<NewName>, DbErr> {
    let names = names(page);
    let matches = matches(&names, transaction).await?;
    let new = names
        .iter()
        .zip(matches)
        .filter(|(_, matches)| matches.is_empty());
    Ok(new
        .map(|(name, _)| new_name(NamedKind::Critic, name.name))
        .collect())
}

/// Finds the critics that a page of `source` about `film` names. Returns the names that several critics have, unless one
/// of these critics wrote a review of the film that was imported from this source before.
pub async fn find(
    page: &Page,
    film: Option<i64>,
    source: &str,
    transaction: &impl ConnectionTrait,
) -> Result<Result<FoundCritics, Vec<AmbiguousCritic>>, DbErr> {
    let names = names(page);
    let matches = matches(&names, transaction).await?;
    let several = matches.iter().filter(|matches| matches.len() > 1);
    let several: Vec<i64> = several.flatten().map(|critic| critic.id).collect();
    let imported = imported_critics(several, film, source, transaction).await?;
    let mut found = FoundCritics::default();
    let mut ambiguous = Vec::new();
    for (PageName { name, line }, mut matches) in names.into_iter().zip(matches) {
        let is_imported = |critic: &NameMatch| imported.contains(&critic.id);
        if matches.iter().filter(|critic| is_imported(critic)).count() == 1 {
            matches.retain(is_imported);
        }
        let (name, last) = (name.to_owned(), matches.pop());
        match last {
            None => found.missing.push(name),
            Some(NameMatch {
                id,
                slug,
                name: stored,
                ..
            }) if matches.is_empty() => {
                let critic = NamedCritic {
                    id,
                    slug,
                    name: stored,
                };
                found.existing.insert(name, critic);
            }
            Some(last) => {
                matches.push(last);
                let candidates = matches.into_iter();
                let candidates = candidates.map(|critic| critic.candidate(NamedKind::Critic));
                ambiguous.push(AmbiguousCritic {
                    line,
                    name,
                    candidates: candidates.collect(),
                });
            }
        }
    }
    Ok(if ambiguous.is_empty() {
        Ok(found)
    } else {
        Err(ambiguous)
    })
}

impl FoundCritics {
    /// Inserts the missing critics, and returns all.
    pub async fn add_missing(
        self,
        page: &Page,
        transaction: &impl ConnectionTrait,
    ) -> Result<PageCritics, DbErr> {
        let (mut by_name, missing) = (self.existing, self.missing);
        let existing: HashSet<i64> = by_name.values().map(|critic| critic.id).collect();
        // Names that differ only in case mean the same new critic, who gets the first of them.
        let mut seen = HashSet::new();
        let first = missing.iter().map(String::as_str);
        let first: Vec<&str> = first
            .filter(|name| seen.insert(text::folded(name)))
            .collect();
        let changes = Changes {
            new: first.len(),
            same: existing.len(),
            ..Changes::default()
        };
        let similar_names = similar_names(&first, transaction).await?;
        let added = add_critics(&first, transaction).await?.into_iter();
        let added: HashMap<String, NamedCritic> = added
            .map(|critic| (text::folded(&critic.name), critic))
            .collect();
        for name in missing {
            if let Some(critic) = added.get(&text::folded(&name)) {
                by_name.insert(name, critic.clone());
            }
        }
        Ok(PageCritics {
            folded_names: folded_names(page, &by_name),
            by_name,
            changes,
            similar_names,
        })
    }
}

/// Returns the new names that are similar to those of stored critics.
async fn similar_names(
    names: &[&str],
    transaction: &impl ConnectionTrait,
) -> Result<Vec<SimilarName>, DbErr> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let texts: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut similar = Vec::new();
    let mut last = None;
    for critic in find_similar(NamedKind::Critic, &texts, transaction).await? {
        // The first of the similar critics is enough.
        let is_first = last.replace(critic.index) != Some(critic.index);
        let name = usize::try_from(critic.index)
            .ok()
            .and_then(|index| texts.get(index));
        if let Some(name) = name.filter(|_| is_first) {
            similar.push(SimilarName {
                kind: NamedKind::Critic.noun().to_owned(),
                name: name.clone(),
                similar: critic.candidate(NamedKind::Critic),
            });
        }
    }
    similar.truncate(MAX_SIMILAR_NAMES);
    Ok(similar)
}

/// Returns the names of the page that differ in case from those of their critics, each with the number of its reviews.
fn folded_names(page: &Page, critics: &HashMap<String, NamedCritic>) -> Vec<FoldedName> {
    let names = names(page).into_iter();
    let folded = names.filter_map(|PageName { name, .. }| {
        let critic = critics.get(name).filter(|critic| critic.name != name)?;
        let reviews = page.reviews.iter();
        let rows = reviews
            .filter(|review| critic_of(review) == Some(name))
            .count();
        Some(FoldedName {
            kind: NamedKind::Critic.noun(),
            written: name.to_owned(),
            name: critic.name.clone(),
            rows,
        })
    });
    folded.collect()
}

/// Returns the names of the critics on a page, without duplicates.
fn names(page: &Page) -> Vec<PageName<'_>> {
    let mut unique = HashSet::new();
    let names = page.reviews.iter().filter_map(|review| {
        let name = critic_of(review)?;
        let line = review.line;
        unique.insert(name).then_some(PageName { name, line })
    });
    names.collect()
}

/// Returns the critics with each name, in the order of the names.
async fn matches(
    names: &[PageName<'_>],
    transaction: &impl ConnectionTrait,
) -> Result<Vec<Vec<NameMatch>>, DbErr> {
    let texts = names.iter().map(|name| name.name.to_owned()).collect();
    let mut matches = vec![Vec::new(); names.len()];
    for critic in find_by_names(NamedKind::Critic, texts, transaction).await? {
        let index = usize::try_from(critic.index).ok();
        if let Some(matches) = index.and_then(|index| matches.get_mut(index)) {
            matches.push(critic);
        }
    }
    Ok(matches)
}

/// Returns those of the critics who wrote a review of the film that was imported from the source.
async fn imported_critics(
    critics: Vec<i64>,
    film: Option<i64>,
    source: &str,
    transaction: &impl ConnectionTrait,
) -> Result<HashSet<i64>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        critic_id: i64,
    }
    let Some(film) = film.filter(|_| !critics.is_empty()) else {
        return Ok(HashSet::new());
    };
    let select =
        "SELECT critic_id FROM review WHERE film_id = $1 AND source = $2 AND critic_id = ANY($3)";
    let values = [film.into(), source.into(), critics.into()];
    let rows: Vec<Row> = sql::all(transaction, select, values).await?;
    Ok(rows.into_iter().map(|row| row.critic_id).collect())
}

/// Inserts critics, whose names differ not only in case.
async fn add_critics(
    names: &[&str],
    transaction: &impl ConnectionTrait,
) -> Result<Vec<NamedCritic>, DbErr> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let bases: Vec<String> = names.iter().map(|name| slug::of(name)).collect();
    let mut free = sql::free_slugs(transaction, "critic", bases.clone()).await?;
    let slugs: Vec<String> = bases.iter().map(|base| free.take(base)).collect();
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    // The order gives the critics ascending ids in the order of the page.
    let insert = "INSERT INTO critic (slug, name)
        SELECT slug, name FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS new (slug, name, ordinal) ORDER BY ordinal
        RETURNING id, slug, name";
    sql::all(transaction, insert, [slugs.into(), names.into()]).await
}
