//! The command `token`: creates, lists and revokes API tokens.

use std::{
    error::Error,
    io::{self, Write},
    process::ExitCode,
};

use chrono::{DateTime, Utc};
use sea_orm::DatabaseConnection;

use super::{CommandResult, prepare_schema, require_current_schema, with_database};
use crate::{
    access::{
        Role,
        api_token::{ApiToken, TokenDraft},
        store::{self, write::Revoke},
        token::{PublicId, RANDOM_BYTES, Token},
    },
    config::{CreateTokenArgs, TokenCommand, database::DatabaseArgs},
    critic::{CriticId, store::find_by_slugs},
};

/// The creator that is stored with a token from the command line.
const CREATED_BY: &str = "the command line";

/// Creates, lists or revokes tokens. A server may use the database at the same time.
pub async fn token(database: &DatabaseArgs, command: &TokenCommand) -> CommandResult {
    with_database(database, async |connection| {
        match command {
            TokenCommand::Create(args) => {
                prepare_schema(connection, false).await?;
                create(args, connection).await?;
            }
            TokenCommand::List => {
                require_current_schema(connection).await?;
                let tokens = store::list_all(connection).await?;
                io::stdout().write_all(table(&tokens, Utc::now()).as_bytes())?;
            }
            TokenCommand::Revoke { id } => {
                require_current_schema(connection).await?;
                revoke(id.0, connection).await?;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
    .await
}

/// Creates a token. Prints only the token to standard output, for use in scripts. Prints its description to standard
/// error.
async fn create(
    args: &CreateTokenArgs,
    connection: &DatabaseConnection,
) -> Result<(), Box<dyn Error>> {
    let now = Utc::now();
    let role = Role::from(args.role);
    let critic = match &args.critic {
        Some(_) if role != Role::Critic => {
            return Err(format!("--critic is for the role critic, not {}", role.name()).into());
        }
        Some(slug) => Some(find_critic(slug, connection).await?),
        None => None,
    };
    let expires_at = match args.expires {
        None => None,
        Some(lifetime) => Some(
            lifetime
                .end(now)
                .ok_or("--expires is too far in the future")?,
        ),
    };
    let default_name = args.critic.as_deref().unwrap_or(role.name());
    let name = args.name.as_deref().unwrap_or(default_name);
    let draft = TokenDraft::new(name, role, critic, expires_at, now).map_err(|errors| {
        let messages = errors.into_vec().into_iter().map(|error| {
            let field = error.field.last().map_or("", String::as_str);
            format!("--{field}: {}", error.message)
        });
        messages.collect::<Vec<_>>().join("; ")
    })?;
    let mut random = [0; RANDOM_BYTES];
    getrandom::fill(&mut random)?;
    let secret = Token::from_random(&random);
    let token = store::write::add(&draft, &secret, CREATED_BY, connection).await?;
    let for_critic = args.critic.as_deref().map(|slug| format!(" for {slug}"));
    let validity = token
        .expires_at
        .map_or("until it is revoked".to_owned(), |expiry| {
            format!("until {}", format_time(expiry))
        });
    writeln!(
        io::stderr(),
        "token {} \"{}\" of the role {}{}, valid {validity}; it is shown only once",
        token.public_id,
        token.name,
        role.name(),
        for_critic.unwrap_or_default()
    )?;
    writeln!(io::stdout(), "{}", secret.reveal())?;
    Ok(())
}

async fn find_critic(
    slug: &str,
    connection: &DatabaseConnection,
) -> Result<CriticId, Box<dyn Error>> {
    let found = find_by_slugs(vec![slug.to_owned()], connection).await?;
    Ok(found
        .first()
        .ok_or_else(|| format!("there is no critic with the slug {slug:?}"))?
        .id)
}

async fn revoke(id: PublicId, connection: &DatabaseConnection) -> Result<(), Box<dyn Error>> {
    let token = store::write::revoke(Revoke::PublicId(id), connection)
        .await?
        .ok_or_else(|| format!("there is no token {id}"))?;
    writeln!(
        io::stdout(),
        "revoked {} \"{}\"",
        token.public_id,
        token.name
    )?;
    Ok(())
}

const HEADINGS: [&str; 8] = [
    "id",
    "name",
    "role",
    "critic",
    "created",
    "expires",
    "last used",
    "state",
];

/// Formats one line a token, with aligned columns.
fn table(tokens: &[(ApiToken, Option<String>)], now: DateTime<Utc>) -> String {
    let or_dash = |time: Option<DateTime<Utc>>| time.map_or("-".to_owned(), format_time);
    let rows = tokens.iter().map(|(token, critic)| {
        [
            token.public_id.to_string(),
            token.name.clone(),
            token.role.name().to_owned(),
            critic.clone().unwrap_or("-".to_owned()),
            format_time(token.created_at),
            or_dash(token.expires_at),
            or_dash(token.last_used_at),
            token.state_at(now).name().to_owned(),
        ]
    });
    let rows: Vec<[String; 8]> = std::iter::once(HEADINGS.map(str::to_owned))
        .chain(rows)
        .collect();
    let widths: [usize; 8] = std::array::from_fn(|column| {
        let lengths = rows.iter().map(|row| row[column].chars().count());
        lengths.max().unwrap_or_default()
    });
    let lines = rows.iter().map(|row| {
        let cells = row.iter().zip(widths);
        let cells: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        format!("{}\n", cells.join("  ").trim_end())
    });
    lines.collect()
}

fn format_time(timestamp: DateTime<Utc>) -> String {
    timestamp.format("%Y-%m-%d %H:%M").to_string()
}
