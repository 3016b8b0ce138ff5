//! The type `Review`, and its filter and order.

pub mod filter;
pub mod list;

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Result};
use macros::{InlineEnum, object};

use self::list::ListTotal;
use crate::{
    critic::store::CriticById,
    error::{code, error_with_code},
    film::{Film, store::FilmById},
    global_id::Kind,
    graphql::{
        budget::charge_text,
        connection::{Connection, ConnectionNode},
        decode_id, encode_id, language, latest_rules, load,
        path::WithPath,
        scalar::{Date, DateTime, Locale},
        selection::{Inlined, Linked, Text},
        types::{revision::revisions, score::Sentiment},
    },
    pagination::PageArgs,
    publication::store::PublicationById,
    review::{
        Review, ReviewId,
        revision::ReviewRevision,
        store::{ReviewById, ReviewColumns},
    },
    score,
    site_rules::SiteRules,
    text::{MAX_PASSAGE_LENGTH, shorten::shorten},
};

/// The maximum number of characters of an excerpt's text if none is given.
const DEFAULT_TEXT_LENGTH: i32 = 200;

impl ConnectionNode for Review {
    type Total = ListTotal;
}

/// A critic's review of a film.
#[object(reads = ReviewColumns)]
impl Review {
    /// The global ID of the review.
    #[interface]
    #[reads(ReviewColumns::MINIMAL)]
    fn id(&self) -> ID {
        encode_id(Kind::Review, self.id.0)
    }

    /// The reviewed film.
    #[reads(ReviewColumns::MINIMAL)]
    #[without_arguments(Linked(Some(FilmById(self.film))))]
    #[price(Lookup)]
    async fn film(&self, ctx: &Context<'_>) -> Result<Inlined<Arc<Film>>> {
        let film = load(ctx, FilmById(self.film)).await.with_path(ctx)?;
        let not_found = || {
            let message =
                "the film of this review was deleted during the request; fetch the review again";
            error_with_code(code::NOT_FOUND, message)
        };
        film.map(Inlined).ok_or_else(not_found).with_path(ctx)
    }

    /// The critic who wrote the review; null if it is uncredited or the critic is unknown.
    #[reads(ReviewColumns::MINIMAL)]
    fn critic(&self) -> Linked<CriticById> {
        Linked(self.critic.map(CriticById))
    }

    /// The publication; null if unknown.
    #[reads(ReviewColumns::MINIMAL)]
    fn publication(&self) -> Linked<PublicationById> {
        Linked(self.publication.map(PublicationById))
    }

    /// The byline: the text after "Reviewed by" in the source, such as "Staff [Not Credited]", or else the critic's name
    /// when the review was added; empty if there is neither.
    #[reads(ReviewColumns::TEXT_COLUMNS)]
    fn byline(&self) -> &str {
        self.byline.as_deref().unwrap_or_default()
    }

    /// The score, 0 to 100; null if the review has none, or if `originalScore` can't be converted.
    #[reads(ReviewColumns::MINIMAL)]
    fn score(&self) -> Option<i32> {
        self.score.map(i32::from)
    }

    /// The score as the critic wrote it, such as "3.5/5" or "B+"; null if the score was given as a number, or if there
    /// is none.
    #[reads(ReviewColumns::TEXT_COLUMNS)]
    fn original_score(&self) -> Option<&str> {
        self.original_score.as_deref()
    }

    /// The rule by which the score was converted; null if there is no score.
    #[reads(ReviewColumns::DETAIL_COLUMNS)]
    fn score_rule(&self) -> Option<ScoreRule> {
        self.score_rule.map(ScoreRule::from)
    }

    /// The sentiment of the score under the rules of the site. Without a score, the declared sentiment; without that, the
    /// one of `recommended`. Null if the review has none of these.
    #[reads(ReviewColumns::DETAIL_COLUMNS)]
    fn sentiment(&self, rules: &SiteRules) -> Option<Sentiment> {
        sentiment(self, rules)
    }

    /// `sentiment` in words, such as "Positive" or "Positiv"; null if `sentiment` is null.
    #[reads(ReviewColumns::DETAIL_COLUMNS)]
    #[localized(score_sentiment(self, &writer.rules()).map(|sentiment| language.sentiment_label(sentiment)))]
    #[price(Nothing)]
    fn sentiment_label(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language of the label; when null, the one of the header Accept-Language. English if there are no labels in it."
        )]
        locale: Option<Locale>,
    ) -> Option<Result<String>> {
        let sentiment = score_sentiment(self, &latest_rules(ctx))?;
        let label = |language: &crate::translations::Language| {
            language.sentiment_label(sentiment).to_string()
        };
        Some(language(ctx, locale).map(label).with_path(ctx))
    }

    /// Whether the critic recommends the film; null if unknown. It is never derived from the score.
    #[reads(ReviewColumns::DETAIL_COLUMNS)]
    fn recommended(&self) -> Option<bool> {
        self.recommended
    }

    /// Whether the source lists the critic as a top critic.
    #[reads(ReviewColumns::DETAIL_COLUMNS)]
    fn top_critic(&self) -> bool {
        self.top_critic
    }

    /// An excerpt of the review; null if there is none.
    #[reads(ReviewColumns::EXCERPT_COLUMN)]
    fn excerpt(&self) -> Text<'_> {
        Text(self.excerpt.as_deref())
    }

    /// The excerpt on one line with at most `maxLength` characters, for lists and previews. A longer one is cut after a word,
    /// and ends with "…". Null if there is no excerpt.
    #[reads(ReviewColumns::EXCERPT_COLUMN)]
    #[price(Shortening)]
    fn excerpt_text(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The maximum number of characters, 1 to 10,000. A letter with its accents and an emoji are one each.",
            default_with = "Some(DEFAULT_TEXT_LENGTH)"
        )]
        // async-graphql passes an omitted variable as null instead of the default.
        max_length: Option<i32>,
    ) -> Option<Result<String>> {
        let text = excerpt_text(ctx, self, max_length.unwrap_or(DEFAULT_TEXT_LENGTH));
        text.with_path(ctx).transpose()
    }

    /// The URL of the full review; null if there is none.
    #[reads(ReviewColumns::TEXT_COLUMNS)]
    fn url(&self) -> Text<'_> {
        Text(self.url.as_deref())
    }

    /// The date of publication; null if unknown.
    #[reads(ReviewColumns::MINIMAL)]
    fn reviewed_on(&self) -> Option<Date> {
        self.reviewed_on.map(Date)
    }

    /// The version of the review: 1 at first, and one higher after each change. Mutations compare it with
    /// `expectedVersion`.
    #[reads(ReviewColumns::DETAIL_COLUMNS)]
    fn version(&self) -> i32 {
        self.version
    }

    /// The time at which the review was added to Marquee.
    #[reads(ReviewColumns::DETAIL_COLUMNS)]
    fn created_at(&self) -> DateTime {
        DateTime(self.created_at)
    }

    /// The time of the last change in Marquee.
    #[reads(ReviewColumns::DETAIL_COLUMNS)]
    fn updated_at(&self) -> DateTime {
        DateTime(self.updated_at)
    }

    /// The previous versions of the review, latest first. Requires the role EDITOR, or CRITIC for the caller's own
    /// reviews, unless the server's setting `--public-revisions` opens them to all; null with the error `FORBIDDEN`
    /// otherwise.
    #[reads(ReviewColumns::MINIMAL)]
    #[price(ShortList)]
    async fn revisions(
        &self,
        ctx: &Context<'_>,
        page: PageArgs,
    ) -> Option<Result<Inlined<Connection<ReviewRevision>>>> {
        Some(Box::pin(revisions(ctx, self, &page)).await.with_path(ctx))
    }
}

fn excerpt_text(ctx: &Context<'_>, review: &Review, max_length: i32) -> Result<Option<String>> {
    let limit = usize::try_from(max_length).unwrap_or_default();
    if !(1..=MAX_PASSAGE_LENGTH).contains(&limit) {
        let message =
            format!("`maxLength` must be from 1 to {MAX_PASSAGE_LENGTH}, not {max_length}");
        return Err(error_with_code(code::OUT_OF_RANGE, message));
    }
    let text = review.excerpt.as_deref().map(|text| shorten(text, limit));
    if let Some(text) = &text {
        charge_text(ctx, text)?;
    }
    Ok(text)
}

fn sentiment(review: &Review, rules: &SiteRules) -> Option<Sentiment> {
    score_sentiment(review, rules).map(Sentiment::from)
}

fn score_sentiment(review: &Review, rules: &SiteRules) -> Option<score::Sentiment> {
    score::Sentiment::of_review(
        review.score,
        review.declared_sentiment,
        review.recommended,
        &rules.policy,
    )
}

/// The rule by which a score was converted to the range 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, InlineEnum)]
#[graphql(remote = "crate::review::ScoreRule")]
pub enum ScoreRule {
    /// Not converted: the score was given as a whole number from 0 to 100.
    Given,
    /// A fraction, such as "3.5/5".
    Fraction,
    /// Stars, in digits, words or asterisks.
    Stars,
    /// A school grade, such as "B+".
    Letter,
    /// A percentage, such as "85%".
    Percent,
}

/// Loads a review; `None` if it doesn't exist.
///
/// # Errors
///
/// `INVALID_ID` if the ID isn't the ID of a review; `UNAVAILABLE` or `INTERNAL` if the statement fails.
pub async fn review(ctx: &Context<'_>, id: &ID) -> Result<Option<Arc<Review>>> {
    load(ctx, ReviewById(ReviewId(decode_id(id, Kind::Review)?))).await
}
