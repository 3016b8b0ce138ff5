//! The command `serve`: serves the API until a signal stops it.

use std::{error::Error, net::SocketAddr, process::ExitCode};

use sea_orm::DatabaseConnection;
use tracing::{info, warn};

use super::{
    CommandResult, open_files, require_current_schema,
    running_servers::{Registration, RunningServer, ServedDatabase},
    signals::StopSignals,
};
use crate::{
    config::{contradictions::Contradictions, database::DatabaseArgs, serve::ServeArgs},
    database::{
        ClusterUse, Database,
        error_message::describe,
        pooler, schema,
        sequence::{self, SequenceError},
        server_check,
    },
    demo,
    http::Server,
    subscriptions::listener,
};

/// The Cargo profile of this build.
const BUILD_PROFILE: &str = env!("MARQUEE_BUILD_PROFILE");

/// The profile of `make serve`. It has no link-time optimization.
const QUICK_PROFILE: &str = "quick";

/// Opens the database, applies pending migrations and serves. On SIGTERM or Ctrl-C the server completes the requests
/// in flight and stops the private PostgreSQL. A second signal aborts the requests.
pub async fn serve(database_args: &DatabaseArgs, args: &ServeArgs) -> CommandResult {
    info!(
        listen = %args.listen,
        demo = args.demo,
        database = %database_args.address(),
        build = BUILD_PROFILE,
        "starting"
    );
    if BUILD_PROFILE == QUICK_PROFILE {
        info!(
            "this is the quick build, without link-time optimization; `make release` builds a faster server"
        );
    }
    check_settings(database_args, args)?;
    let signals = StopSignals::listen()?;
    open_files::raise_limit(u64::from(args.edge.max_connections));
    let database = Database::open(database_args.address(), ClusterUse::Serve).await?;
    let result = run(&database, args, signals).await;
    database.close().await;
    info!("stopped");
    result.map(|()| ExitCode::SUCCESS)
}

/// Logs the settings without effect, and returns an error with all those that contradict each other.
fn check_settings(database: &DatabaseArgs, args: &ServeArgs) -> Result<(), Box<dyn Error>> {
    let found = Contradictions::of(args, database);
    for warning in &found.warnings {
        warn!("{warning}");
    }
    found
        .message()
        .map_or(Ok(()), |message| Err(message.into()))
}

async fn run(
    database: &Database,
    args: &ServeArgs,
    mut signals: StopSignals,
) -> Result<(), Box<dyn Error>> {
    tokio::select! {
        prepared = prepare(database, args) => prepared?,
        () = signals.next() => return Ok(()),
    }
    // A name is resolved, which may take long.
    let server = tokio::select! {
        bound = Server::bind(args, database.options()) => bound?,
        () = signals.next() => return Ok(()),
    };
    let scheme = server.scheme();
    let addresses = server.addresses().to_vec();
    let metrics = server.metrics_addresses().to_vec();
    // Until the end of this function, commands find the server.
    let _registration = register(database, scheme, addresses.first());
    if server.has_local_metrics_only() {
        info!(
            "/metrics answers clients on this machine only: --metrics-listen gives the metrics an address of their own, and --public-metrics shows them to everybody"
        );
    }
    let handle = server.handle();
    let serving = tokio::spawn(server.run());
    for metrics in metrics {
        info!("metrics: http://{metrics}/metrics");
    }
    for address in addresses {
        info!(
            "ready: {scheme}://{address}/graphql, and {scheme}://{address}/playground to explore it"
        );
    }

    tokio::pin!(serving);
    let mut stopping = false;
    loop {
        tokio::select! {
            ended = &mut serving => return Ok(ended??),
            () = signals.next() => {}
        }
        if stopping {
            // A server that stops gracefully accepts no other command. It ends with the process.
            info!("stopping without waiting for the requests in flight");
            return Ok(());
        }
        info!("stopping after the requests in flight");
        // The handle's future resolves when the server has stopped. The loop awaits that anyway.
        drop(handle.stop(true));
        stopping = true;
    }
}

/// Registers the server, so that commands of the same user find its database. Without a usable runtime directory they
/// don't, which is only logged.
fn register(
    database: &Database,
    scheme: &str,
    address: Option<&SocketAddr>,
) -> Option<Registration> {
    let server = RunningServer {
        address: format!("{scheme}://{}", address?),
        database: ServedDatabase::of(database),
    };
    let registration = Registration::create(&server);
    registration
        .inspect_err(|error| {
            warn!(%error, "commands will not find this server: give them --data-dir or --database-url");
        })
        .ok()
}

async fn prepare(database: &Database, args: &ServeArgs) -> Result<(), Box<dyn Error>> {
    // Nothing is between Marquee and its private PostgreSQL.
    if !database.is_private() {
        database.check_pooler().await?;
    }
    let connection = database.connect_pool();
    if args.migrate {
        for name in schema::migrate_up(&connection).await? {
            info!(migration.name = name, "applied a migration");
        }
    } else {
        require_current_schema(&connection).await?;
    }
    check_sequences(&connection).await?;
    check_connections(args, &connection).await?;
    if args.demo
        && database.is_private()
        && let Some(reviews) = demo::load_if_empty(&connection).await?
    {
        info!(reviews, "loaded the demo catalogue");
    }
    if !args.caches.notifications {
        report_missing_parameters(&connection).await?;
    } else if !database.is_private() {
        listener::check(database.options()).await?;
    }
    connection.close().await?;
    Ok(())
}

/// Logs if the workers may open more connections than PostgreSQL accepts. Then requests would fail under load only. A
/// pooler in transaction mode shares its connections.
async fn check_connections(
    args: &ServeArgs,
    connection: &DatabaseConnection,
) -> Result<(), Box<dyn Error>> {
    let workers = args.worker_count();
    let wanted = u64::from(args.worker_connections) * workers as u64;
    let available = server_check::available_connections(connection).await?;
    if args.caches.notifications
        && u64::try_from(available).is_ok_and(|available| wanted > available)
    {
        warn!(
            "--workers={workers} with --worker-connections={} may open {wanted} connections, and PostgreSQL accepts {available}: lower one of \
             them, or raise its max_connections",
            args.worker_connections
        );
    }
    Ok(())
}

/// Logs which parameters the role should have, because the server keeps nothing in its sessions.
async fn report_missing_parameters(connection: &DatabaseConnection) -> Result<(), Box<dyn Error>> {
    info!("notifications are off: nothing is cached, and there are no subscriptions");
    let missing = pooler::missing_parameters(connection).await?;
    if !missing.is_empty() {
        warn!(
            parameters = missing.join(", "),
            "the role has parameters that the server would set otherwise; set them by ALTER ROLE … SET"
        );
    }
    Ok(())
}

/// Returns an error if a sequence is behind its table. Additions would fail, and after deletions they would get the keys
/// of other rows, which clients and revisions still refer to. So the server does not start.
async fn check_sequences(connection: &DatabaseConnection) -> Result<(), Box<dyn Error>> {
    let lagging = match sequence::find_lagging(connection).await {
        Err(error @ SequenceError::MissingPrivilege(_)) => {
            warn!(error.cause = %describe(&error), "the sequences are not checked");
            return Ok(());
        }
        result => result?,
    };
    if lagging.is_empty() {
        return Ok(());
    }
    let lagging: Vec<String> = lagging.iter().map(ToString::to_string).collect();
    let lagging = lagging.join("; ");
    Err(format!("sequences are behind their tables, so that additions would fail or reuse keys: run `marquee check --repair` first, as the owner of the tables ({lagging})").into())
}
