//! Serving the API until a signal says to stop.

use std::{error::Error, process::ExitCode};

use marquee::{
    config::{DatabaseArgs, ServeArgs},
    database::{Database, Use, schema},
    demo,
    http::Server,
};
use tracing::info;

use super::{Done, open_files, refuse_pending, signals::StopSignals};

/// Opens the database, brings its schema up to date and serves. On SIGTERM or Ctrl-C the requests under way finish, and the private
/// PostgreSQL stops; a second signal cuts them short.
pub async fn serve(database_args: &DatabaseArgs, args: &ServeArgs) -> Done {
    info!(listen = %args.listen, demo = args.demo, database = ?database_args, "starting");
    let signals = StopSignals::listen()?;
    open_files::allow(u64::from(args.edge.max_connections));
    let database = Database::open(database_args.address(), Use::Serve).await?;
    let done = run(&database, args, signals).await;
    database.close().await;
    info!("stopped");
    done.map(|()| ExitCode::SUCCESS)
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
    let server = Server::bind(args, database.options())?;
    let (scheme, address) = (server.scheme(), server.address());
    let metrics = server.metrics_address();
    let handle = server.handle();
    let serving = tokio::spawn(server.run());
    if let Some(metrics) = metrics {
        info!("metrics: http://{metrics}/metrics");
    }
    info!("ready: {scheme}://{address}/graphql, and {scheme}://{address}/playground to explore it");

    tokio::pin!(serving);
    let mut stopping = false;
    loop {
        tokio::select! {
            ended = &mut serving => return Ok(ended??),
            () = signals.next() => {}
        }
        if stopping {
            // While it stops gracefully the server hears no other order; it ends with the process.
            info!("stopping without waiting for the requests under way");
            return Ok(());
        }
        info!("stopping once the requests under way are answered");
        // The handle's future only tells when the server has stopped, for which we wait anyway.
        drop(handle.stop(true));
        stopping = true;
    }
}

async fn prepare(database: &Database, args: &ServeArgs) -> Result<(), Box<dyn Error>> {
    let connection = database.connect();
    if args.migrate {
        for name in schema::migrate_up(&connection).await? {
            info!(migration.name = name, "applied a migration");
        }
    } else {
        refuse_pending(&connection).await?;
    }
    if args.demo
        && database.is_private()
        && let Some(reviews) = demo::load_if_empty(&connection).await?
    {
        info!(reviews, "loaded the demo catalogue");
    }
    connection.close().await?;
    Ok(())
}
