//! The payload of `importPage`.

use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject};
use macros::object;

use crate::{
    film::{FilmId, store::FilmById},
    graphql::{
        int, load,
        selection::{Inlined, InlinedList, Linked},
        site_rules,
        types::{score::ScoreObject, score_distribution::ScoreDistribution},
    },
    import::{Changes, SimilarName, store::page::ImportedPage},
    review::owner::Owner,
    score::{Basis, ScoredTally},
    user_error::{Candidate, UserError},
};

/// An error on a line of a page.
#[derive(Clone, Debug, SimpleObject)]
pub struct PageLineError {
    /// The line number, counted from 1, including blank lines.
    pub(super) line: i32,
    /// The message for people, with the expected and the actual text.
    pub(super) message: String,
}

/// The changes that an import makes to objects of one type.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct ImportChanges {
    /// The number of added objects.
    added: i32,
    /// The number of changed objects.
    changed: i32,
    /// The number of existing objects that stay unchanged.
    same: i32,
}

impl From<Changes> for ImportChanges {
    fn from(changes: Changes) -> Self {
        Self {
            added: int(changes.new),
            changed: int(changes.changed),
            same: int(changes.same),
        }
    }
}

/// A new name on a page that is similar to an existing one.
#[object]
impl SimilarName {
    /// The new name.
    fn name(&self) -> &str {
        &self.name
    }

    /// The first existing object with a similar name.
    fn candidate(&self) -> Inlined<Candidate> {
        Inlined(self.similar.clone())
    }
}

/// The result of `importPage`.
#[derive(Debug)]
pub struct ImportPagePayload {
    pub(super) imported: Option<ImportedPage>,
    pub(super) dry_run: bool,
    pub(super) line_errors: Vec<PageLineError>,
    pub(super) user_errors: Vec<UserError>,
}

impl ImportPagePayload {
    /// Returns the tally of the film with the page: the one after the import, or the current one if the request is a
    /// retry with the same idempotency key.
    async fn tally(&self, ctx: &Context<'_>) -> Result<Option<Arc<ScoredTally>>> {
        let Some(imported) = &self.imported else {
            return Ok(None);
        };
        if let Some(tally) = &imported.tally {
            let scored_tally = ScoredTally::new(tally.clone(), Basis::Critics);
            return Ok(Some(Arc::new(scored_tally)));
        }
        let film = load(ctx, FilmById(FilmId(imported.film))).await?;
        Ok(film.map(|film| Arc::clone(&film.tally)))
    }
}

/// The result of `importPage`.
#[Object]
impl ImportPagePayload {
    /// The film in its current state; null if the page was rejected, and in a dry run that would add the film.
    fn film(&self) -> Linked<FilmById> {
        let imported = self.imported.as_ref();
        let existing = imported.filter(|imported| !(self.dry_run && imported.is_film_new));
        Linked(existing.map(|imported| FilmById(FilmId(imported.film))))
    }

    /// The film's score with this page; a preview in a dry run. Null if the page was rejected.
    async fn score(&self, ctx: &Context<'_>) -> Option<Result<Inlined<ScoreObject>>> {
        let tally = self.tally(ctx).await.transpose()?;
        let imported = self.imported.as_ref();
        let score = async {
            let rules = site_rules(ctx).await?;
            let film = imported
                .filter(|_| !self.dry_run)
                .map(|imported| Owner::Film(FilmId(imported.film)));
            Ok(Inlined(ScoreObject::under_site_rules(
                film, &tally?, &rules,
            )))
        };
        Some(score.await)
    }

    /// The distribution of the film's reviews with this page; a preview in a dry run. Null if the page was rejected.
    async fn score_distribution(
        &self,
        ctx: &Context<'_>,
    ) -> Option<Result<Inlined<ScoreDistribution>>> {
        let tally = self.tally(ctx).await.transpose()?;
        let distribution = async {
            let rules = site_rules(ctx).await?;
            let distribution = ScoreDistribution::under_site_rules(&tally?, &rules);
            Ok(Inlined(distribution))
        };
        Some(distribution.await)
    }

    /// The changes to the reviews; null if the page was rejected.
    fn reviews(&self) -> Option<ImportChanges> {
        Some(self.imported.as_ref()?.reviews.into())
    }

    /// The changes to the critics; null if the page was rejected.
    fn critics(&self) -> Option<ImportChanges> {
        Some(self.imported.as_ref()?.critics.into())
    }

    /// The number of earlier reviews of this source that the page no longer lists. They are not deleted. Null if the
    /// page was rejected.
    fn missing_review_count(&self) -> Option<i32> {
        let missing = self.imported.as_ref()?.missing;
        Some(int(missing))
    }

    /// The new films and critics that are similar to existing ones: their names differ only in accents, punctuation and
    /// blanks. They were added; `mergeCritics` merges two critics. Empty if there are none, or if the page was rejected.
    fn similar_names(&self) -> InlinedList<SimilarName> {
        let imported = self.imported.as_ref();
        InlinedList(imported.map_or_else(Vec::new, |imported| imported.similar_names.clone()))
    }

    /// The errors on the lines of the page, in order, at most 100; empty if the page is valid.
    fn line_errors(&self) -> &[PageLineError] {
        &self.line_errors
    }

    /// All errors in the input; empty if the page was imported, or if it could be in a dry run.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}
