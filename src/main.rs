//! The program `marquee`: parses the command line, runs the command, and prints an error in one line.

mod commands;

use std::process::ExitCode;

use marquee::{
    config::{Cli, Command},
    telemetry::Telemetry,
};

/// A response consists of thousands of small allocations that live for about a millisecond.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The default log filter of the server. The server logs migrations itself. The pool's warnings about broken
/// connections are hidden, because such connections were closed on purpose.
const DEFAULT_SERVER_LOG_FILTER: &str =
    "info,sea_orm_migration=warn,sqlx=warn,sqlx_core::pool=error";

#[actix_web::main]
async fn main() -> ExitCode {
    let cli = Cli::read(std::env::args_os()).unwrap_or_else(|error| error.exit());
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
        None => commands::serve(database, &cli.serve).await,
        Some(Command::Serve(args)) => commands::serve(database, &args).await,
        Some(Command::Migrate(command)) => commands::migrate(database, &command).await,
        Some(Command::Import(command)) => Box::pin(commands::import(database, &command)).await,
        Some(Command::Export(command)) => commands::export(database, &command).await,
        Some(Command::Generate(args)) => commands::generate(database, &args).await,
        Some(Command::Check(args)) => commands::check(database, &args).await,
        Some(Command::Token(command)) => commands::token(database, &command).await,
        Some(Command::Schema) => commands::print_schema(),
    };
    telemetry.shutdown();
    result.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::FAILURE
    })
}
