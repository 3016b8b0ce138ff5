//! The root of the GraphQL schema. Its fields only delegate: what they do stands with the type that they return.
//!
//! A nullable field that can fail returns an `Option` of a `Result`, not the other way round: async-graphql stops an error at an
//! `Option` outside of it, where the specification wants the null, but hands it past one inside.

use std::sync::Arc;

use async_graphql::{
    Context, ID, Interface, MergedObject, Result, SDLExportOptions, SchemaBuilder, ValidationMode,
};
use macros::object;

use crate::{
    access::{Viewer, api_token::ApiToken},
    critic::Critic,
    film::Film,
    global_id::{GlobalId, Kind},
    graphql::{
        connection::Connection,
        constraint::{BY_TYPE, IDS, constraint},
        found,
        levels::Levels,
        mutations::{
            critic::CriticMutation, film::FilmMutation, import_page::ImportMutation,
            publication::PublicationMutation, review::ReviewMutation,
        },
        selection::{FastPath, Inlined},
        subscription::Subscription,
        types::{
            critic::{self, CriticBy, CriticFilterInput, CriticOrderInput},
            film::{self, FilmBy, FilmFilterInput, FilmOrderInput},
            publication::{self, PublicationBy, PublicationFilterInput, PublicationOrderInput},
            rate_limit::{self, RateLimit},
            review::{self, ReviewFilterInput, ReviewOrderInput},
            token::{self, TokenMutation},
        },
        unknown_id,
    },
    pagination::PageArgs,
    publication::Publication,
    review::Review,
};

/// The schema with its executor.
pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// How deep an operation may be for the executor; deeper than the pipeline lets any be.
const RECURSION: usize = 256;

/// Builds the schema for a server. Its executions have spans if there are `traces`.
#[must_use]
pub fn build_for(traces: bool) -> Schema {
    if traces {
        builder().extension(Levels).finish()
    } else {
        build()
    }
}

/// Builds the schema. It holds no data: each request brings its own reads.
#[must_use]
pub fn build() -> Schema {
    builder().data(FastPath).finish()
}

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query, Mutation::default(), Subscription)
        // What it executes has been examined by the document's pipeline.
        .validation_mode(ValidationMode::Fast)
        .limit_recursive_depth(RECURSION)
}

/// The schema as text, in the schema definition language.
#[must_use]
pub fn sdl() -> String {
    let sdl = build().sdl_with_options(SDLExportOptions::new().include_specified_by());
    // The exporter leaves out what introspection says of a directive's arguments.
    sdl.replace(CONSTRAINT, DESCRIBED_CONSTRAINT)
}

const CONSTRAINT: &str = "directive @constraint(maxLength: Int, maxItems: Int) on";

const DESCRIBED_CONSTRAINT: &str = r#"directive @constraint(
	"""
	The most characters of the text, or of each text of the list; any number when null.
	"""
	maxLength: Int,
	"""
	The most different values of the list; any number when null.
	"""
	maxItems: Int
) on"#;

/// Anything that has a global id.
#[derive(Debug, Interface)]
#[graphql(field(
    name = "id",
    method = "resolve_id",
    ty = "ID",
    desc = "The global id: unique over all types, and the same as long as the thing exists."
))]
pub enum Node {
    /// A film.
    Film(Arc<Film>),
    /// A critic.
    Critic(Arc<Critic>),
    /// A publication.
    Publication(Arc<Publication>),
    /// A review.
    Review(Arc<Review>),
}

/// Where every mutation begins. Its fields are done one after the other, each as a whole or not at all.
#[derive(Debug, Default, MergedObject)]
pub struct Mutation(
    ReviewMutation,
    FilmMutation,
    CriticMutation,
    PublicationMutation,
    ImportMutation,
    TokenMutation,
);

/// Where every query begins.
#[derive(Debug)]
pub struct Query;

/// Where every query begins.
#[object]
impl Query {
    /// Whatever has this global id; null when it isn't there (any more).
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A global id, from a field `id`.")] id: ID,
    ) -> Option<Result<Node>> {
        find(ctx, id).await.transpose()
    }

    /// Whatever has these global ids, in their order; null in the place of each that isn't there.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global ids, from fields `id`; at most 100.", directive = constraint::apply(BY_TYPE, IDS))]
        ids: Vec<ID>,
    ) -> Result<Vec<Option<Result<Node>>>> {
        let each = ids
            .into_iter()
            .map(async |id| find(ctx, id).await.transpose());
        Ok(futures_util::future::join_all(each).await)
    }

    /// One film; null when there is none of that name.
    async fn film(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] by: FilmBy,
    ) -> Option<Result<Inlined<Arc<Film>>>> {
        found(film::film(ctx, by).await)
    }

    /// Films.
    async fn films(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only films that pass it; all when null.")] filter: Option<
            FilmFilterInput,
        >,
        #[graphql(desc = "By title when null.")] order_by: Option<FilmOrderInput>,
        page: PageArgs,
    ) -> Result<Inlined<Connection<Film>>> {
        Box::pin(film::films(ctx, filter, order_by, &page)).await
    }

    /// One critic; null when there is none of that name.
    async fn critic(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] by: CriticBy,
    ) -> Option<Result<Inlined<Arc<Critic>>>> {
        found(critic::critic(ctx, by).await)
    }

    /// Critics.
    async fn critics(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only critics that pass it; all when null.")] filter: Option<
            CriticFilterInput,
        >,
        #[graphql(desc = "By name when null.")] order_by: Option<CriticOrderInput>,
        page: PageArgs,
    ) -> Result<Inlined<Connection<Critic>>> {
        Box::pin(critic::critics(ctx, filter, order_by, &page)).await
    }

    /// One publication; null when there is none of that name.
    async fn publication(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] by: PublicationBy,
    ) -> Option<Result<Inlined<Arc<Publication>>>> {
        found(publication::publication(ctx, by).await)
    }

    /// Publications.
    async fn publications(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only publications that pass it; all when null.")] filter: Option<
            PublicationFilterInput,
        >,
        #[graphql(desc = "By name when null.")] order_by: Option<PublicationOrderInput>,
        page: PageArgs,
    ) -> Result<Inlined<Connection<Publication>>> {
        Box::pin(publication::publications(ctx, filter, order_by, &page)).await
    }

    /// One review; null when it isn't there (any more).
    async fn review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its global id.")] id: ID,
    ) -> Option<Result<Inlined<Arc<Review>>>> {
        found(review::review(ctx, &id).await)
    }

    /// Reviews, of all films.
    async fn reviews(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only reviews that pass it; all when null.")] filter: Option<
            ReviewFilterInput,
        >,
        #[graphql(desc = "As they were added when null.")] order_by: Option<ReviewOrderInput>,
        page: PageArgs,
    ) -> Result<Inlined<Connection<Review>>> {
        Box::pin(review::reviews(ctx, filter, order_by, &page)).await
    }

    /// Who asks, by the token that the request shows.
    #[graphql(cache_control(private))]
    #[expect(
        clippy::unused_async,
        reason = "fields are async, also one that only looks at the request"
    )]
    async fn viewer<'a>(&self, ctx: &Context<'a>) -> Result<&'a Viewer> {
        token::viewer(ctx)
    }

    /// How much who asks may still ask for, once this request is paid for; null when there is no limit for them.
    #[graphql(cache_control(private))]
    async fn rate_limit(&self, ctx: &Context<'_>) -> Option<RateLimit> {
        rate_limit::rate_limit(ctx)
    }

    /// API tokens, the newest first. Needs the role ADMIN; null without it.
    #[graphql(cache_control(private))]
    async fn tokens(
        &self,
        ctx: &Context<'_>,
        page: PageArgs,
    ) -> Option<Result<Inlined<Connection<ApiToken>>>> {
        Some(Box::pin(token::tokens(ctx, &page)).await)
    }
}

async fn find(ctx: &Context<'_>, id: ID) -> Result<Option<Node>> {
    let kind = GlobalId::decode(&id).ok_or_else(unknown_id)?.kind;
    Ok(match kind {
        Kind::Film => film::film(ctx, FilmBy::Id(id)).await?.map(Node::Film),
        Kind::Critic => critic::critic(ctx, CriticBy::Id(id))
            .await?
            .map(Node::Critic),
        Kind::Publication => publication::publication(ctx, PublicationBy::Id(id))
            .await?
            .map(Node::Publication),
        Kind::Review => review::review(ctx, &id).await?.map(Node::Review),
        // Tokens are for admins only, who have a list of them.
        Kind::ApiToken => return Err(unknown_id()),
    })
}
