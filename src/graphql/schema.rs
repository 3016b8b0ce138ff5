//! The root types of the GraphQL schema. Their fields delegate to the modules of the types that they return.
//!
//! A nullable field that can fail returns an `Option` of a `Result`, not the other way round. On an error,
//! async-graphql sets the field to null only if the `Option` is the outer type; otherwise it propagates the error to
//! the parent.

use std::sync::Arc;

use async_graphql::{
    Context, ID, MergedObject, Result, SDLExportOptions, SchemaBuilder, ValidationMode,
};
use macros::object;

use crate::{
    access::{Viewer, api_token::ApiToken},
    critic::{Critic, erasure::Erasure},
    film::Film,
    graphql::{
        connection::Connection,
        constraint::{BY_TYPE, CURSOR, IDS, NAME, NOT_A_LIST, constraint},
        level_spans::LevelSpans,
        loader,
        mutations::{
            critic::CriticMutation, film::FilmMutation, import_file::ImportFileMutation,
            import_page::ImportMutation, publication::PublicationMutation, review::ReviewMutation,
            site_rules::SiteRulesMutation, token::TokenMutation,
        },
        selection::{FastPath, Inlined},
        site_rules,
        skip_validation::SkipValidation,
        subscription::Subscription,
        to_nullable_field,
        types::{
            critic::{
                self,
                filter::{CriticFilterInput, CriticOrderInput},
                reference::CriticBy,
            },
            erasure,
            film::{
                self,
                facets::FilmFacetsObject,
                filter::{FilmFilterInput, FilmOrderInput},
                reference::FilmBy,
            },
            node::{Node, find_node},
            publication::{
                self,
                filter::{PublicationFilterInput, PublicationOrderInput},
                reference::PublicationBy,
            },
            rate_limit::{self, RateLimit},
            review::{
                self,
                filter::{ReviewFilterInput, ReviewOrderInput},
            },
            revision::PublicRevisions,
            search::{self, SearchConnection, SearchKind},
            token, viewer,
        },
    },
    pagination::PageArgs,
    publication::Publication,
    review::Review,
    site_rules::SiteRules,
};

/// The executable schema.
pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// The fields of the query root whose values depend on the caller, so that their responses are not shared.
pub const PRIVATE_FIELDS: [&str; 4] = ["viewer", "rateLimit", "tokens", "erasures"];

/// The maximum nesting depth in the executor. The document pipeline has a lower limit.
const MAX_RECURSION_DEPTH: usize = 256;

/// Builds the schema for a server. With `traces`, executions create tracing spans.
#[must_use]
pub fn build_for(traces: bool, public_revisions: PublicRevisions) -> Schema {
    let builder = builder().data(public_revisions).extension(SkipValidation);
    if traces {
        builder.extension(LevelSpans).finish()
    } else {
        builder.data(FastPath).finish()
    }
}

/// Builds the schema with the default settings. Each request has its own data loader.
#[must_use]
pub fn build() -> Schema {
    builder().data(FastPath).finish()
}

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query, Mutation::default(), Subscription)
        .validation_mode(ValidationMode::Fast)
        .limit_recursive_depth(MAX_RECURSION_DEPTH)
}

/// Returns the schema in the schema definition language (SDL).
#[must_use]
pub fn sdl() -> String {
    let sdl = build().sdl_with_options(SDLExportOptions::new().include_specified_by());
    // The exporter omits the descriptions of a directive's arguments, which introspection returns.
    sdl.replace(CONSTRAINT, DESCRIBED_CONSTRAINT)
}

const CONSTRAINT: &str = "directive @constraint(maxLength: Int, maxItems: Int) on";

const DESCRIBED_CONSTRAINT: &str = r#"directive @constraint(
	"""
	The maximum number of characters of the string, or of each string of the list; no limit when null.
	"""
	maxLength: Int,
	"""
	The maximum number of distinct values of the list; no limit when null.
	"""
	maxItems: Int
) on"#;

/// The root of all mutations. The fields of an operation run one after the other. Each field is atomic.
#[derive(Debug, Default, MergedObject)]
pub struct Mutation(
    ReviewMutation,
    FilmMutation,
    CriticMutation,
    PublicationMutation,
    ImportMutation,
    ImportFileMutation,
    TokenMutation,
    SiteRulesMutation,
);

/// The root of all queries.
#[derive(Debug)]
pub struct Query;

/// The root of all queries.
#[object]
impl Query {
    /// The object with this global ID; null if it doesn't exist or was deleted.
    #[price(Lookup)]
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A global ID, from a field `id`.")] id: ID,
    ) -> Option<Result<Node>> {
        find_node(ctx, id).await.transpose()
    }

    /// The objects with these global IDs, in the order of `ids`; null for each one that doesn't exist or was deleted.
    #[price(Nodes)]
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global IDs, from fields `id`; at most 100 distinct ones.", directive = constraint::apply(BY_TYPE, IDS))]
        ids: Vec<ID>,
    ) -> Result<Vec<Option<Result<Node>>>> {
        let nodes = ids
            .into_iter()
            .map(async |id| find_node(ctx, id).await.transpose());
        Ok(futures_util::future::join_all(nodes).await)
    }

    /// The film with this ID, slug, title or external ID; null if it doesn't exist.
    #[price(Lookup)]
    async fn film(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The ID, the slug, the title and the year, or an external ID of the film."
        )]
        by: FilmBy,
    ) -> Option<Result<Inlined<Arc<Film>>>> {
        to_nullable_field(film::film(ctx, by).await)
    }

    /// The films that match the filter.
    #[price(Films)]
    async fn films(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only films that match the filter; all films when null.")] filter: Option<
            FilmFilterInput,
        >,
        #[graphql(desc = "The order; ascending by title when null.")] order_by: Option<
            FilmOrderInput,
        >,
        page: PageArgs,
    ) -> Result<Inlined<Connection<Film>>> {
        Box::pin(film::films(ctx, filter, order_by, &page)).await
    }

    /// The numbers of the films that match the filter, by year, decade, genre and verdict: what a page beside a list of
    /// `films` with the same filter offers to choose.
    #[price(FilmFacets)]
    async fn film_facets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only films that match the filter; all films when null.")] filter: Option<
            FilmFilterInput,
        >,
    ) -> Result<Inlined<FilmFacetsObject>> {
        Box::pin(film::facets::film_facets(ctx, filter)).await
    }

    /// The critic with this ID, slug, name or external ID; null if it doesn't exist.
    #[price(Lookup)]
    async fn critic(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ID, the slug, the name or an external ID of the critic.")]
        by: CriticBy,
    ) -> Option<Result<Inlined<Arc<Critic>>>> {
        to_nullable_field(critic::critic(ctx, by).await)
    }

    /// The critics that match the filter.
    #[price(Critics)]
    async fn critics(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only critics that match the filter; all critics when null.")]
        filter: Option<CriticFilterInput>,
        #[graphql(desc = "The order; ascending by name when null.")] order_by: Option<
            CriticOrderInput,
        >,
        page: PageArgs,
    ) -> Result<Inlined<Connection<Critic>>> {
        Box::pin(critic::critics(ctx, filter, order_by, &page)).await
    }

    /// The publication with this ID, slug or name; null if it doesn't exist.
    #[price(Lookup)]
    async fn publication(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ID, the slug or the name of the publication.")] by: PublicationBy,
    ) -> Option<Result<Inlined<Arc<Publication>>>> {
        to_nullable_field(publication::publication(ctx, by).await)
    }

    /// The publications that match the filter.
    #[price(Publications)]
    async fn publications(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only publications that match the filter; all publications when null.")]
        filter: Option<PublicationFilterInput>,
        #[graphql(desc = "The order; ascending by name when null.")] order_by: Option<
            PublicationOrderInput,
        >,
        page: PageArgs,
    ) -> Result<Inlined<Connection<Publication>>> {
        Box::pin(publication::publications(ctx, filter, order_by, &page)).await
    }

    /// The review with this global ID; null if it doesn't exist or was deleted.
    #[price(Lookup)]
    async fn review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global ID of the review.")] id: ID,
    ) -> Option<Result<Inlined<Arc<Review>>>> {
        to_nullable_field(review::review(ctx, &id).await)
    }

    /// The reviews of all films that match the filter.
    #[price(Reviews)]
    async fn reviews(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only reviews that match the filter; all reviews when null.")]
        filter: Option<ReviewFilterInput>,
        #[graphql(desc = "The order; oldest addition first when null.")] order_by: Option<
            ReviewOrderInput,
        >,
        page: PageArgs,
    ) -> Result<Inlined<Connection<Review>>> {
        Box::pin(review::list::reviews(ctx, filter, order_by, &page)).await
    }

    /// The objects that match a text best: films, critics and publications by their names, then reviews by their excerpts,
    /// the newest first. Names are found in spite of some typing errors, of missing accents and of another order of the
    /// words; at most 100 names are found. An excerpt has all words of the text, the last one or a word that begins with it.
    #[price(Search)]
    async fn search(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is looked for: at least one letter or digit, of which the first 100 characters are looked at.", directive = constraint::apply(NAME, NOT_A_LIST))]
        text: String,
        #[graphql(desc = "The kinds of objects to look for; all kinds when null.")] kinds: Option<
            Vec<SearchKind>,
        >,
        #[graphql(desc = "The number of items from the start: 0 to 100; 20 when null.")]
        first: Option<i32>,
        #[graphql(desc = "Only items after this cursor of the same search; from the start when null.", directive = constraint::apply(CURSOR, NOT_A_LIST))]
        after: Option<String>,
    ) -> Result<SearchConnection> {
        Box::pin(search::search(ctx, &text, kinds, first, after.as_deref())).await
    }

    /// The rules of the site: how scores are computed, and how reviews are read. Null with an error if they have changed and
    /// can't be read.
    #[price(Nothing)]
    async fn site_rules(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<SiteRules>>>> {
        Some(current_site_rules(ctx).await.map(Inlined))
    }

    /// The caller, identified by the token of the request.
    #[expect(
        clippy::unused_async,
        reason = "the fields of the root type are async, even if they only read the request data"
    )]
    #[price(Nothing)]
    async fn viewer<'a>(&self, ctx: &Context<'a>) -> Result<&'a Viewer> {
        viewer::viewer(ctx)
    }

    /// The state of the caller's rate limit after this request; null if the caller has no rate limit.
    #[price(Nothing)]
    async fn rate_limit(&self, ctx: &Context<'_>) -> Option<RateLimit> {
        rate_limit::rate_limit(ctx)
    }

    /// All API tokens, newest first. Requires the role ADMIN; null with the error `FORBIDDEN` otherwise.
    #[price(ShortList)]
    async fn tokens(
        &self,
        ctx: &Context<'_>,
        page: PageArgs,
    ) -> Option<Result<Inlined<Connection<ApiToken>>>> {
        Some(Box::pin(token::tokens(ctx, &page)).await)
    }

    /// The records of erased critics, newest first. Requires the role ADMIN; null with the error `FORBIDDEN` otherwise.
    #[price(ShortList)]
    async fn erasures(
        &self,
        ctx: &Context<'_>,
        page: PageArgs,
    ) -> Option<Result<Inlined<Connection<Erasure>>>> {
        Some(Box::pin(erasure::erasures(ctx, &page)).await)
    }
}

async fn current_site_rules(ctx: &Context<'_>) -> Result<Arc<SiteRules>> {
    loader(ctx)?.depend_on_rules();
    site_rules(ctx).await
}
