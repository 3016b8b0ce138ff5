//! The state of the server: the state of each worker, and the state that all workers share.

use std::{
    cell::RefCell,
    io,
    num::NonZeroUsize,
    sync::{Arc, Weak},
    time::Duration,
};

use actix_web::{HttpRequest, web};
use async_graphql::{Request, parser::types::OperationType};
use sea_orm::sqlx::postgres::PgConnectOptions;
use tokio::sync::watch;

use super::{
    admission::AdmissionQueue, cached_response::CachedResponse, client::TrustedProxies,
    connection_limiter::ConnectionLimiter, limits::ResponseLimits, observe::Observer,
    rate_limiting::RequestMeter, refusal_log::RefusalLog, request_body::BodyLimits,
};
use crate::{
    access::authenticator::Authenticator,
    cache::{
        invalidation_clock::InvalidationClock, invalidation_listener::InvalidationListener,
        response_cache::ResponseCache, snapshots::Snapshots,
    },
    config::{origin::AllowedOrigin, serve::ServeArgs},
    database::{
        pool::{Pool, PoolSettings, fair_queue::FairQueue},
        session::{Session, SessionContext},
    },
    document::Pipeline,
    graphql::schema::{self, Schema},
    loader::{batcher::Batcher, data_loader::DataLoader, row_cache::RowCache},
    mutation::store::group::GroupCommit,
    persisted_documents::{DocumentValidator, PersistedDocuments},
    rate_limit::RateLimits,
    site_rules::{current::CurrentRules, worker::WorkerRules},
    subscriptions::broker::Broker,
    translations::RequestLanguage,
};

/// The state of one worker.
pub struct WorkerState {
    pub pool: Pool,
    pub batcher: Batcher,
    /// The rules of the site.
    pub site_rules: Arc<WorkerRules>,
    session_context: Arc<SessionContext>,
    pub schema: Schema,
    pub pipeline: Arc<Pipeline>,
    pub shared: Arc<SharedState>,
}

impl WorkerState {
    /// Returns the state of the worker on this thread. A worker that listens on several addresses has one state, so that
    /// it has one connection pool.
    pub fn of_thread(
        shared: &Arc<SharedState>,
        schema: &Schema,
        options: &PgConnectOptions,
        pool_settings: PoolSettings,
    ) -> web::Data<Self> {
        thread_local! {
            static STATES: RefCell<Vec<Weak<WorkerState>>> = const { RefCell::new(Vec::new()) };
        }

        STATES.with_borrow_mut(|states| {
            states.retain(|state| state.strong_count() > 0);
            let mut living = states.iter().filter_map(Weak::upgrade);
            let state = living.find(|state| Arc::ptr_eq(&state.shared, shared));
            let state = state.unwrap_or_else(|| {
                let shared = Arc::clone(shared);
                let state = Arc::new(Self::new(options, pool_settings, schema.clone(), shared));
                states.push(Arc::downgrade(&state));
                state
            });
            web::Data::from(state)
        })
    }

    /// Creates the state of a worker, with a connection pool of its own.
    fn new(
        options: &PgConnectOptions,
        pool_settings: PoolSettings,
        schema: Schema,
        shared: Arc<SharedState>,
    ) -> Self {
        let pool = Pool::new(options, pool_settings);
        // A writer may wait for other writers or for an import, and must not occupy all connections meanwhile.
        let write_permits =
            usize::try_from(pool_settings.max_connections / 2).map_or(1, |half| half.max(1));
        let session_context = SessionContext {
            write_permits: Some(FairQueue::new(write_permits, usize::MAX)),
            metrics: Some(shared.observer.metrics.pools().register(&pool)),
            listener: Some(Arc::clone(&shared.invalidation_listener)),
            snapshots: Some(Arc::clone(&shared.snapshots)),
        };
        Self {
            pool,
            batcher: Batcher::new(Arc::clone(&shared.row_cache)),
            site_rules: Arc::new(WorkerRules::new(Arc::clone(&shared.site_rules))),
            session_context: Arc::new(session_context),
            schema,
            pipeline: Arc::new(shared.pipeline.for_worker(shared.workers)),
            shared,
        }
    }

    /// Creates the database session of a request.
    pub fn session(&self) -> Session {
        Session::in_context(self.pool.clone(), Arc::clone(&self.session_context))
    }

    /// Creates the loader that reads credentials.
    pub fn credentials_loader(&self, session: Session) -> DataLoader {
        self.new_loader(session).without_rules()
    }

    fn new_loader(&self, session: Session) -> DataLoader {
        let rules = Arc::clone(&self.site_rules);
        DataLoader::new(session, self.batcher.clone(), rules)
    }

    /// Creates the loader for an operation, which may read rows of the row cache or not.
    pub fn loader(&self, session: Session, uses_row_cache: bool) -> DataLoader {
        let loader = self.new_loader(session);
        if uses_row_cache {
            loader
        } else {
            loader.without_cache()
        }
    }

    /// Adds the loader to the request's data, and the group-commit queues if it is a mutation.
    pub fn add_request_data(
        &self,
        request: Request,
        loader: Arc<DataLoader>,
        kind: OperationType,
    ) -> Request {
        let request = request.data(loader);
        match kind {
            OperationType::Mutation => request.data(Arc::clone(&self.shared.group_commit)),
            OperationType::Query | OperationType::Subscription => request,
        }
    }

    /// Chooses the language of a request by the values of its `Accept-Language` headers. The request has the same
    /// languages until its end.
    pub fn language<'h>(
        &self,
        accept_language: impl IntoIterator<Item = &'h str>,
    ) -> RequestLanguage {
        let translations = self.site_rules.latest().translations.clone();
        RequestLanguage::negotiate(translations, accept_language)
    }

    /// Creates the rate-limit meter of a request.
    pub fn meter(&self, request: &HttpRequest) -> RequestMeter {
        let address = self.shared.proxies.client_of(request);
        RequestMeter::new(Arc::clone(&self.shared.rate_limits), address)
    }
}

/// The state that all workers share.
pub struct SharedState {
    /// The number of workers.
    pub workers: NonZeroUsize,
    pub authenticator: Authenticator,
    /// The pipeline that those of the workers are made of. It validates trusted documents.
    pub pipeline: Arc<Pipeline>,
    pub proxies: TrustedProxies,
    pub rate_limits: Arc<RateLimits>,
    pub documents: PersistedDocuments,
    pub invalidation_listener: Arc<InvalidationListener>,
    pub group_commit: Arc<GroupCommit>,
    /// The admission of expensive operations.
    pub admission: Arc<AdmissionQueue>,
    /// The values that are derived from whole tables.
    pub snapshots: Arc<Snapshots>,
    /// The rules of the site.
    pub site_rules: Arc<CurrentRules>,
    pub row_cache: Arc<RowCache>,
    pub response_cache: Arc<ResponseCache<CachedResponse>>,
    /// The `max-age` of cacheable GET responses, in seconds.
    pub max_age: u32,
    pub broker: Arc<Broker>,
    pub socket_limiter: Arc<ConnectionLimiter>,
    /// The log of WebSockets that are refused.
    pub refusal_log: RefusalLog,
    pub allowed_origins: Vec<AllowedOrigin>,
    pub max_operations_per_socket: usize,
    pub body_limits: BodyLimits,
    pub response_limits: ResponseLimits,
    /// The timeout of a connection to PostgreSQL, and of a response to a probe.
    pub connection_timeout: Duration,
    /// The time limit for a response.
    pub deadline: Duration,
    pub server_timing: bool,
    pub observer: Arc<Observer>,
}

impl SharedState {
    pub fn new(
        args: &ServeArgs,
        workers: NonZeroUsize,
        shutdown_signal: watch::Receiver<bool>,
    ) -> io::Result<Self> {
        let authenticator = args.access.authenticator().map_err(io::Error::other)?;
        let observer = Arc::new(Observer::new(&args.telemetry));
        let document_metrics = observer.metrics.documents().clone();
        let suggestions = authenticator.rights().introspection;
        let pipeline = args
            .limits
            .pipeline(&schema::sdl(), suggestions, document_metrics);
        let clock = Arc::new(InvalidationClock::default());
        let snapshots = Snapshots::new(Arc::clone(&clock), args.caches.indexes());
        let pipeline = pipeline.map_err(io::Error::other)?;
        let pipeline = Arc::new(pipeline.with_statistics(snapshots.get()));
        let documents = args.documents.documents(document_validator(&pipeline));
        Ok(Self {
            workers,
            authenticator,
            pipeline,
            proxies: TrustedProxies::from_args(&args.proxies),
            rate_limits: Arc::new(args.rate_limits.rate_limits()),
            documents: documents.map_err(io::Error::other)?,
            invalidation_listener: Arc::new(InvalidationListener::new(
                Arc::clone(&clock),
                observer.metrics.notifications().clone(),
            )),
            group_commit: Arc::default(),
            admission: Arc::default(),
            response_cache: Arc::new(ResponseCache::new(
                Arc::clone(&clock),
                args.caches.response_cache_bytes(),
                observer.metrics.responses().clone(),
            )),
            site_rules: snapshots.get(),
            snapshots: Arc::new(snapshots),
            row_cache: Arc::new(RowCache::new(clock, args.caches.row_cache_bytes())),
            max_age: args.caches.max_age,
            broker: Arc::new(Broker::new(args.caches.notifications)),
            socket_limiter: Arc::new(ConnectionLimiter::new(
                args.sockets_per_address,
                shutdown_signal,
            )),
            refusal_log: RefusalLog::default(),
            allowed_origins: args.allowed_origins.clone(),
            max_operations_per_socket: args.operations_per_socket.into(),
            body_limits: args.edge.body_limits(),
            response_limits: args.edge.response_limits(),
            connection_timeout: args.timeouts.connection_timeout(),
            deadline: args.timeouts.request_timeout(),
            server_timing: args.server_timing,
            observer,
        })
    }
}

/// Returns the check for trusted documents. They pass the same checks as documents in requests.
fn document_validator(pipeline: &Arc<Pipeline>) -> DocumentValidator {
    let pipeline = Arc::clone(pipeline);
    Box::new(move |text| pipeline.operation_names(text))
}
