//! What reviews said before, as the API shows it.

use async_graphql::{Context, Enum, Result};
use macros::{InlineEnum, object};

use crate::{
    access::Role,
    critic::store::CriticById,
    error::internal,
    graphql::{
        connection::{Connection, ConnectionNode, with_total},
        load, page_request,
        scalar::{Date, DateTime},
        selection::{Inlined, Linked, Text},
        types::{review::ScoreRule, score::Sentiment, token::viewer},
    },
    pagination::PageArgs,
    publication::store::PublicationById,
    review::{
        ReviewId, ReviewRevision,
        store::revisions::{RevisionCount, RevisionPage},
    },
};

impl ConnectionNode for ReviewRevision {
    type Total = RevisionCount;
}

/// What a review said until it was changed or deleted.
#[object]
impl ReviewRevision {
    /// Which of the review's states this was, from 1 on.
    fn version(&self) -> i32 {
        self.state.version
    }

    /// When the review began to say this.
    fn since(&self) -> DateTime {
        DateTime(self.state.updated_at)
    }

    /// When that ended.
    fn replaced_at(&self) -> DateTime {
        DateTime(self.replaced_at)
    }

    /// Who ended it: somebody with a token, a command, or a role of the database. Null unless who asks is an editor or an admin.
    async fn replaced_by(&self, ctx: &Context<'_>) -> Option<Result<&str>> {
        match viewer(ctx) {
            Ok(viewer) => viewer
                .with_role(Role::Editor)
                .map(|_| Ok(self.replaced_by.as_str())),
            Err(error) => Some(Err(error)),
        }
    }

    /// How it ended.
    fn end(&self) -> RevisionEnd {
        self.end.into()
    }

    /// What the change made different; empty when it deleted the review.
    fn changed(&self) -> Vec<ReviewField> {
        let columns = self.changed.iter();
        columns
            .filter_map(|column| ReviewField::of(column))
            .collect()
    }

    /// Who wrote it, as it stood then; null when nobody was named, or the critic is gone.
    fn critic(&self) -> Linked<CriticById> {
        Linked(self.state.critic.map(CriticById))
    }

    /// Where it was published, as it stood then; null when it wasn't known, or the publication is gone.
    fn publication(&self) -> Linked<PublicationById> {
        Linked(self.state.publication.map(PublicationById))
    }

    /// What stood after "Reviewed by"; empty when nothing did.
    fn byline(&self) -> &str {
        self.state.byline.as_deref().unwrap_or_default()
    }

    /// The score, 0 to 100; null when there was none.
    fn score(&self) -> Option<i32> {
        self.state.score.map(i32::from)
    }

    /// The score as the critic wrote it; null when there was none.
    fn original_score(&self) -> Option<&str> {
        self.state.original_score.as_deref()
    }

    /// By which rule the score was read; null when there was none.
    fn score_rule(&self) -> Option<ScoreRule> {
        self.state.score_rule.map(ScoreRule::from)
    }

    /// What was declared of the review on the whole; null when nothing was.
    fn declared_sentiment(&self) -> Option<Sentiment> {
        self.state.declared_sentiment.map(Sentiment::from)
    }

    /// The critic's own yes or no; null when there was neither.
    fn recommended(&self) -> Option<bool> {
        self.state.recommended
    }

    /// Whether the critic counted among the top ones.
    fn top_critic(&self) -> bool {
        self.state.top_critic
    }

    /// A passage of the review; null when there was none.
    fn excerpt(&self) -> Text<'_> {
        Text(self.state.excerpt.as_deref())
    }

    /// The address of the whole review; null when there was none.
    fn url(&self) -> Text<'_> {
        Text(self.state.url.as_deref())
    }

    /// The day of publication; null when it wasn't known.
    fn reviewed_on(&self) -> Option<Date> {
        self.state.reviewed_on.map(Date)
    }
}

/// How a state of a review ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, InlineEnum)]
#[graphql(remote = "crate::review::RevisionEnd")]
pub enum RevisionEnd {
    /// The review was changed.
    Updated,
    /// The review was deleted.
    Deleted,
}

/// Something that a review says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, InlineEnum)]
pub enum ReviewField {
    /// The film that it is about.
    Film,
    /// Who wrote it.
    Critic,
    /// Where it was published.
    Publication,
    /// The score.
    Score,
    /// The score as the critic wrote it.
    OriginalScore,
    /// By which rule the score was read.
    ScoreRule,
    /// What was declared of it on the whole.
    Sentiment,
    /// The critic's own yes or no.
    Recommended,
    /// Whether the critic counts among the top ones.
    TopCritic,
    /// What stands after "Reviewed by".
    Byline,
    /// A passage of it.
    Excerpt,
    /// The address of the whole review.
    Url,
    /// The day of publication.
    ReviewedOn,
    /// Where it was imported from, or what it is called there.
    Source,
}

impl ReviewField {
    /// What a column holds; `None` for one that isn't known.
    fn of(column: &str) -> Option<Self> {
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

/// Lists what a review said before.
///
/// # Errors
///
/// When the page can't be, or could not be read.
pub async fn revisions(
    ctx: &Context<'_>,
    review: ReviewId,
    page: &PageArgs,
) -> Result<Inlined<Connection<ReviewRevision>>> {
    let order = ReviewRevision::ORDER;
    let page = page_request(page, order)?;
    let total = RevisionCount(review);
    let page = load(ctx, RevisionPage { review, page });
    let page = with_total(ctx, &total, page).await??;
    let page =
        page.ok_or_else(|| internal(&std::io::Error::other("a page of revisions was not read")))?;
    Ok(Connection::of(page, order, total))
}
