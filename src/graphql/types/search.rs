//! The field `search` and its types.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, Enum, Result, SimpleObject};
use futures_util::future::try_join_all;
use tokio::task::yield_now;

use super::node::Node;
use crate::{
    critic::{CriticId, store::CriticById},
    error::{code, error_with_code},
    film::{Film, FilmId, store::FilmById},
    graphql::{connection::page_info::PageInfo, load, page_error},
    publication::{PublicationId, store::PublicationById},
    review::{ReviewId, store::ReviewById},
    search::{
        KindSet, NameKind, NamePosition, SearchText,
        position::{SearchPageRequest, SearchPosition},
        ranking::EQUAL,
        snippet::{self, Segment},
        store::page::SearchPage,
    },
};

/// The kinds of objects that a search finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "crate::search::SearchKind")]
pub enum SearchKind {
    /// Films, by their titles, including those in `alternativeTitles`.
    Film,
    /// Critics, by their names.
    Critic,
    /// Publications, by their names.
    Publication,
    /// Reviews, by their excerpts.
    Review,
}

/// A page of the results of a search.
#[derive(Debug, SimpleObject)]
pub struct SearchConnection {
    /// The found objects of the page, the best first.
    nodes: Vec<Node>,
    /// The found objects of the page, the best first, each with its cursor, its score and what matches.
    edges: Vec<SearchEdge>,
    /// The cursors of the page, and whether there are more pages.
    page_info: PageInfo,
}

/// A found object.
#[derive(Debug, SimpleObject)]
#[graphql(complex)]
pub struct SearchEdge {
    /// The object.
    node: Node,
    /// The cursor of the object, for `after`. It is valid only for the same search.
    cursor: String,
    /// How well the object matches, from 0 to 1. It is 1 for a name that equals the text, at least 0.55 for other names, and
    /// 0.5 for reviews.
    score: f64,
    #[graphql(skip)]
    text: Arc<SearchText>,
}

#[ComplexObject]
impl SearchEdge {
    /// The name, in parts that match and parts that don't: another title of a film if only that matches; of a review the part
    /// of the excerpt around the first match.
    async fn snippet(&self) -> Vec<SnippetSegment> {
        // The words of a long excerpt take up to a millisecond.
        yield_now().await;
        let segments = segments(&self.node, &self.text);
        segments.into_iter().map(Into::into).collect()
    }
}

/// A part of a text, without markup.
#[derive(Debug, SimpleObject)]
pub struct SnippetSegment {
    /// The part, as it is written.
    text: String,
    /// Whether the part matches.
    is_match: bool,
}

impl From<Segment> for SnippetSegment {
    fn from(Segment { text, is_match }: Segment) -> Self {
        Self { text, is_match }
    }
}

/// The score of reviews, which is below that of all names.
const REVIEW_SCORE: f64 = 0.5;

/// Finds a page of the objects that match a text.
///
/// # Errors
///
/// `INVALID_VALUE` if the text has nothing to look for; `INVALID_PAGE` or `INVALID_CURSOR` if the paging arguments are
/// invalid; `UNAVAILABLE` or `INTERNAL` if a statement fails.
pub async fn search(
    ctx: &Context<'_>,
    text: &str,
    kinds: Option<Vec<SearchKind>>,
    first: Option<i32>,
    after: Option<&str>,
) -> Result<SearchConnection> {
    let text = SearchText::parse(text)
        .map_err(|error| error_with_code(code::INVALID_VALUE, format!("`text` {error}")))?;
    let kinds = kinds.map_or(KindSet::ALL, |kinds| {
        kinds.into_iter().map(Into::into).collect()
    });
    let page = SearchPageRequest::parse(first, after).map_err(|error| page_error(&error))?;
    let key = SearchPage { text, kinds, page };
    let text = Arc::new(key.text.clone());
    let results = load(ctx, key).await?.unwrap_or_default();
    let edges = results.positions.iter();
    let edges = edges.map(|position| load_edge(ctx, *position, &text));
    let edges: Vec<Option<SearchEdge>> = try_join_all(edges).await?;
    // An object may have been deleted since it was found. The cursors are those of all that were found.
    let edges: Vec<SearchEdge> = edges.into_iter().flatten().collect();
    let cursor = |position: Option<&SearchPosition>| position.map(|position| position.to_cursor());
    Ok(SearchConnection {
        page_info: PageInfo {
            has_next_page: results.has_more,
            has_previous_page: page.after.is_some(),
            start_cursor: cursor(results.positions.first()),
            end_cursor: cursor(results.positions.last()),
        },
        nodes: edges.iter().map(|edge| edge.node.clone()).collect(),
        edges,
    })
}

/// Loads a found object; `None` if it doesn't exist any more.
async fn load_edge(
    ctx: &Context<'_>,
    position: SearchPosition,
    text: &Arc<SearchText>,
) -> Result<Option<SearchEdge>> {
    let node = match position {
        SearchPosition::Name(name) => load_named(ctx, name).await?,
        SearchPosition::Review(id) => load(ctx, ReviewById(ReviewId(id))).await?.map(Node::Review),
    };
    let score = match position {
        SearchPosition::Name(name) => f64::from(name.points) / f64::from(EQUAL),
        SearchPosition::Review(_) => REVIEW_SCORE,
    };
    Ok(node.map(|node| SearchEdge {
        text: Arc::clone(text),
        cursor: position.to_cursor(),
        score,
        node,
    }))
}

async fn load_named(ctx: &Context<'_>, name: NamePosition) -> Result<Option<Node>> {
    Ok(match name.kind {
        NameKind::Film => load(ctx, FilmById(FilmId(name.id))).await?.map(Node::Film),
        NameKind::Critic => load(ctx, CriticById(CriticId(name.id)))
            .await?
            .map(Node::Critic),
        NameKind::Publication => load(ctx, PublicationById(PublicationId(name.id)))
            .await?
            .map(Node::Publication),
    })
}

/// Returns the parts of the title, or of the first other title that matches if the title doesn't.
fn segments_of_film(film: &Film, text: &SearchText) -> Vec<Segment> {
    let title = snippet::of_name(&film.title, text);
    let matches = |segments: &[Segment]| segments.iter().any(|segment| segment.is_match);
    let Some(details) = film.details.as_deref().filter(|_| !matches(&title)) else {
        return title;
    };
    let others = details.alternative_titles.iter();
    let mut others = others.map(|other| snippet::of_name(&other.title, text));
    others.find(|other| matches(other)).unwrap_or(title)
}

fn segments(node: &Node, text: &SearchText) -> Vec<Segment> {
    match node {
        Node::Film(film) => segments_of_film(film, text),
        Node::Critic(critic) => snippet::of_name(&critic.name, text),
        Node::Publication(publication) => snippet::of_name(&publication.name, text),
        Node::Review(review) => {
            let excerpt = review.excerpt.as_deref().unwrap_or_default();
            snippet::of_excerpt(excerpt, text)
        }
    }
}
