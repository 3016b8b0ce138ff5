//! The type `ReviewRevision`.

use async_graphql::{Context, Enum, Result};
use macros::{InlineEnum, object};

use super::changed_field::ChangedField;
use crate::{
    access::{Role, WriteScope},
    critic::store::CriticById,
    graphql::{
        connection::{Connection, ConnectionNode, loaded_page::load_page},
        page_request,
        scalar::{Date, DateTime},
        selection::{Inlined, Linked, Text},
        types::{
            review::ScoreRule,
            score::Sentiment,
            viewer::{forbidden, viewer},
        },
    },
    pagination::PageArgs,
    publication::store::PublicationById,
    review::{
        Review,
        revision::ReviewRevision,
        store::revisions::{RevisionCount, RevisionPage},
    },
};

impl ConnectionNode for ReviewRevision {
    type Total = RevisionCount;
}

/// A version of a review that was replaced by a change or a deletion.
#[object]
impl ReviewRevision {
    /// The version of the review, from 1 on.
    fn version(&self) -> i32 {
        self.state.version
    }

    /// The time at which this version was written.
    fn since(&self) -> DateTime {
        DateTime(self.state.updated_at)
    }

    /// The time at which this version was replaced.
    fn replaced_at(&self) -> DateTime {
        DateTime(self.replaced_at)
    }

    /// The author of the change that replaced this version: an API client, a command, or a database role. Requires the
    /// role EDITOR; null otherwise.
    #[price(Nothing)]
    async fn replaced_by(&self, ctx: &Context<'_>) -> Option<Result<&str>> {
        match viewer(ctx) {
            Ok(viewer) => viewer
                .with_role(Role::Editor)
                .map(|_| Ok(self.replaced_by.as_str())),
            Err(error) => Some(Err(error)),
        }
    }

    /// The kind of the change that replaced this version.
    fn end(&self) -> RevisionEnd {
        self.end.into()
    }

    /// The changed fields; empty if the review was deleted.
    fn changed(&self) -> Vec<ReviewField> {
        ReviewField::of(&self.changed)
    }

    /// The critic in this version; null if there was none, or if the critic was deleted.
    fn critic(&self) -> Linked<CriticById> {
        Linked(self.state.critic.map(CriticById))
    }

    /// The publication in this version; null if there was none, or if the publication was deleted.
    fn publication(&self) -> Linked<PublicationById> {
        Linked(self.state.publication.map(PublicationById))
    }

    /// The byline; empty if there was none.
    fn byline(&self) -> &str {
        self.state.byline.as_deref().unwrap_or_default()
    }

    /// The score, 0 to 100; null if there was none.
    fn score(&self) -> Option<i32> {
        self.state.score.map(i32::from)
    }

    /// The score as the critic wrote it; null if there was none.
    fn original_score(&self) -> Option<&str> {
        self.state.original_score.as_deref()
    }

    /// The rule by which the score was converted; null if there was no score.
    fn score_rule(&self) -> Option<ScoreRule> {
        self.state.score_rule.map(ScoreRule::from)
    }

    /// The declared sentiment; null if there was none.
    fn declared_sentiment(&self) -> Option<Sentiment> {
        self.state.declared_sentiment.map(Sentiment::from)
    }

    /// Whether the critic recommended the film; null if unknown.
    fn recommended(&self) -> Option<bool> {
        self.state.recommended
    }

    /// Whether the source listed the critic as a top critic.
    fn top_critic(&self) -> bool {
        self.state.top_critic
    }

    /// An excerpt of the review; null if there was none.
    fn excerpt(&self) -> Text<'_> {
        Text(self.state.excerpt.as_deref())
    }

    /// The URL of the full review; null if there was none.
    fn url(&self) -> Text<'_> {
        Text(self.state.url.as_deref())
    }

    /// The date of publication; null if unknown.
    fn reviewed_on(&self) -> Option<Date> {
        self.state.reviewed_on.map(Date)
    }
}

/// The kind of a change that replaced a version of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, InlineEnum)]
#[graphql(remote = "crate::review::revision::RevisionEnd")]
pub enum RevisionEnd {
    /// The review was updated.
    Updated,
    /// The review was deleted.
    Deleted,
}

/// A field of a review that can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, InlineEnum)]
pub enum ReviewField {
    /// The reviewed film.
    Film,
    /// The critic.
    Critic,
    /// The publication.
    Publication,
    /// The score.
    Score,
    /// The score as the critic wrote it.
    OriginalScore,
    /// The rule by which the score was converted.
    ScoreRule,
    /// The declared sentiment.
    Sentiment,
    /// Whether the critic recommends the film.
    Recommended,
    /// Whether the source lists the critic as a top critic.
    TopCritic,
    /// The byline.
    Byline,
    /// The excerpt.
    Excerpt,
    /// The URL of the full review.
    Url,
    /// The date of publication.
    ReviewedOn,
    /// The source of an imported review, or its ID at that source.
    Source,
}

impl ChangedField for ReviewField {
    fn of_column(column: &str) -> Option<Self> {
        Some(match column {
            "film_id" => Self::Film,
            "critic_id" => Self::Critic,
            "publication_id" => Self::Publication,
            "score" => Self::Score,
            "original_score" => Self::OriginalScore,
            "score_rule" => Self::ScoreRule,
            "sentiment" => Self::Sentiment,
            "recommended" => Self::Recommended,
            "top_critic" => Self::TopCritic,
            "byline" => Self::Byline,
            "excerpt" => Self::Excerpt,
            "url" => Self::Url,
            "reviewed_on" => Self::ReviewedOn,
            "source" | "external_id" => Self::Source,
            _ => return None,
        })
    }
}

/// Whether all clients may read revisions. Data of the schema.
#[derive(Clone, Copy, Debug, Default)]
pub struct PublicRevisions(pub bool);

/// Returns an error if the caller may not read the revisions of a review.
fn authorize(ctx: &Context<'_>, review: &Review) -> Result<()> {
    let is_public = ctx
        .data_opt::<PublicRevisions>()
        .is_some_and(|setting| setting.0);
    if is_public {
        return Ok(());
    }
    let viewer = viewer(ctx)?;
    let is_own = viewer
        .principal()
        .is_some_and(|principal| WriteScope::of(principal).includes(review.critic));
    if is_own {
        return Ok(());
    }
    let message = "the previous versions of a review need the role EDITOR, or CRITIC for the critic's own reviews";
    Err(forbidden(message))
}

/// Loads a page of a review's revisions.
///
/// # Errors
///
/// `FORBIDDEN` if the caller may not read them. Also when the paging arguments are invalid, or the statement fails.
pub async fn revisions(
    ctx: &Context<'_>,
    review: &Review,
    page: &PageArgs,
) -> Result<Inlined<Connection<ReviewRevision>>> {
    authorize(ctx, review)?;
    let review = review.id;
    let order = ReviewRevision::ORDER;
    let page = page_request(page, order)?;
    let total = RevisionCount(review);
    let page = load_page(ctx, &total, order, RevisionPage { review, page }).await?;
    Ok(Connection::of(page, order, total))
}
