//! The commands and their output. The reader of a pipe may exit early, so the commands write with `writeln!` and return
//! the error. `println!` would panic and leave the private PostgreSQL running.

mod backup;
mod check;
mod documents;
mod export;
mod generate;
mod import;
mod location;
mod migrate;
mod open_files;
mod output;
mod restore;
mod rules;
mod running_servers;
mod serve;
mod signals;
mod token;

use std::{
    error::Error,
    io::{self, Write},
    process::ExitCode,
};

use sea_orm::DatabaseConnection;

use self::{
    backup::backup,
    check::check,
    documents::documents,
    export::export,
    generate::generate,
    import::import,
    location::{Creation, Location, LocationError, locate},
    migrate::migrate,
    restore::restore,
    rules::rules,
    serve::serve,
    signals::{STOPPED, StopSignals},
    token::token,
};
use crate::{
    config::{Cli, Command, database::DatabaseArgs},
    database::{ClusterUse, Database, error_message::describe, schema},
    telemetry::Telemetry,
};

/// The result of a command: an exit status, or an error.
type CommandResult = Result<ExitCode, Box<dyn Error>>;

/// The default log filter of the server. The server logs migrations itself. The pool's warnings about broken
/// connections are hidden, because such connections were closed on purpose.
const DEFAULT_SERVER_LOG_FILTER: &str =
    "info,sea_orm_migration=warn,sqlx=warn,sqlx_core::pool=error";

/// Runs the program: parses the command line, runs the command, and prints an error in one line.
///
/// This function is not generic, so it is compiled with the library, in parallel with everything else.
#[must_use]
pub fn run_program(arguments: std::env::ArgsOs) -> ExitCode {
    let cli = Cli::read(arguments).unwrap_or_else(|error| error.exit());
    actix_web::rt::System::new().block_on(run(cli))
}

async fn run(cli: Cli) -> ExitCode {
    // A server logs its activity. A command prints its result, and logs only warnings.
    let telemetry = match &cli.command {
        None => Telemetry::for_server(DEFAULT_SERVER_LOG_FILTER, &cli.serve.telemetry),
        Some(Command::Serve(args)) => {
            Telemetry::for_server(DEFAULT_SERVER_LOG_FILTER, &args.telemetry)
        }
        Some(_) => Ok(Telemetry::for_command("warn")),
    };
    let telemetry = match telemetry {
        Ok(telemetry) => telemetry,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    let database = &cli.database;
    let result = match cli.command {
        None => serve(database, &cli.serve).await,
        Some(Command::Serve(args)) => serve(database, &args).await,
        Some(Command::Migrate(command)) => migrate(database, &command).await,
        Some(Command::Import(args)) => Box::pin(import(database, &args)).await,
        Some(Command::Export(command)) => export(database, &command).await,
        Some(Command::Generate(args)) => generate(database, &args).await,
        Some(Command::Check(args)) => check(database, &args).await,
        Some(Command::Token(command)) => token(database, &command).await,
        Some(Command::Backup(args)) => backup(database, &args).await,
        Some(Command::Restore(args)) => restore(database, &args).await,
        Some(Command::Rules(command)) => rules(database, &command).await,
        Some(Command::Schema) => print_schema(),
        Some(Command::Documents(command)) => documents(&command),
    };
    telemetry.shutdown();
    result.unwrap_or_else(|error| {
        eprintln!("error: {}", describe(&*error));
        ExitCode::FAILURE
    })
}

/// Prints the GraphQL schema.
fn print_schema() -> CommandResult {
    write!(io::stdout(), "{}", crate::graphql::schema::sdl())?;
    Ok(ExitCode::SUCCESS)
}

/// Returns an error if migrations are pending. A command that only reads doesn't change the schema.
async fn require_current_schema(connection: &DatabaseConnection) -> Result<(), Box<dyn Error>> {
    require_schema(connection).await?;
    let pending = schema::pending(connection).await?;
    if pending.is_empty() {
        return Ok(());
    }
    let pending = pending.join(", ");
    Err(format!("the database has pending migrations: run `marquee migrate up` first, as the owner of its tables ({pending})").into())
}

/// Returns an error if the database has no tables of Marquee's. It may be that of another program.
async fn require_schema(connection: &DatabaseConnection) -> Result<(), Box<dyn Error>> {
    if schema::is_absent(connection).await? {
        return Err(
            "the database has no tables of Marquee: create them with `marquee migrate up` or --create, or name another database by \
             --data-dir or --database-url"
                .into(),
        );
    }
    Ok(())
}

/// Applies pending migrations before a command writes. A dry run applies none, and returns an error if any are pending.
async fn prepare_schema(
    connection: &DatabaseConnection,
    dry_run: bool,
) -> Result<(), Box<dyn Error>> {
    if dry_run {
        return require_current_schema(connection).await;
    }
    require_schema(connection).await?;
    schema::migrate_up(connection).await?;
    Ok(())
}

/// Runs a command with a connection. Closes the database whether the command succeeds, fails or is stopped by a signal.
async fn with_database(
    args: &DatabaseArgs,
    command: impl AsyncFnOnce(&DatabaseConnection) -> CommandResult,
) -> CommandResult {
    with_open_database(args, Creation::OnRequest, async |_, connection| {
        command(connection).await
    })
    .await
}

/// Runs a command that also opens its own connections, like `with_database`.
async fn with_open_database(
    args: &DatabaseArgs,
    creation: Creation,
    command: impl AsyncFnOnce(&Database, &DatabaseConnection) -> CommandResult,
) -> CommandResult {
    let location = locate(args, creation)?;
    with_located_database(args, creation, location, command).await
}

/// Runs a command with the database at a location, like `with_open_database`.
async fn with_located_database(
    args: &DatabaseArgs,
    creation: Creation,
    location: Location<'_>,
    command: impl AsyncFnOnce(&Database, &DatabaseConnection) -> CommandResult,
) -> CommandResult {
    let mut signals = StopSignals::listen()?;
    let database = Database::open(location.address(), ClusterUse::Command).await?;
    let connection = database.connect_pool();
    let run = async {
        if args.create && creation == Creation::OnRequest && schema::is_absent(&connection).await? {
            schema::migrate_up(&connection).await?;
        }
        command(&database, &connection).await
    };
    let result = tokio::select! {
        biased;
        () = signals.next() => Err(STOPPED.into()),
        result = run => result,
    };
    let close_result = connection.close().await;
    database.close().await;
    let result = result?;
    close_result?;
    Ok(result)
}
