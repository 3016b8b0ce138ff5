//! The command `rules`: shows and changes the rules of the site.

use std::{
    error::Error,
    fs,
    io::{self, Read as _, Write as _},
    path::Path,
    process::ExitCode,
};

use sea_orm::DatabaseConnection;

use super::{
    CommandResult, import::wait_for_servers, location::Creation, require_current_schema,
    with_open_database,
};
use crate::{
    config::{RulesCommand, database::DatabaseArgs},
    database::sql,
    review::store::readings::count_readings,
    site_rules::{
        ReadingRules, SiteRules,
        draft::{RulesDraft, RulesPatch},
        file, store,
    },
};

/// The maximum size of a file of rules in bytes. The texts of all locales fit.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// Runs the selected command. The file is read before the database is opened.
pub async fn rules(database: &DatabaseArgs, command: &RulesCommand) -> CommandResult {
    let new = match command {
        RulesCommand::Show => None,
        RulesCommand::Set(args) => Some(read(&args.file)?),
        RulesCommand::Reset => Some(SiteRules::default()),
    };
    with_open_database(
        database,
        Creation::OnRequest,
        async |database, connection| {
            require_current_schema(connection).await?;
            let Some(new) = new else {
                let rules = store::read(connection).await?;
                write!(io::stdout(), "{}", file::format(&rules))?;
                return Ok(ExitCode::SUCCESS);
            };
            let before = store::read(connection).await?;
            let changed = replace(&new, connection).await?;
            if !changed.is_changed {
                writeln!(io::stdout(), "the rules of the site are so already")?;
                return Ok(ExitCode::SUCCESS);
            }
            wait_for_servers(database.options()).await;
            let generation = changed.generation;
            writeln!(
                io::stdout(),
                "changed the rules of the site; they have generation {generation} now"
            )?;
            report_readings(before.reading, new.reading, connection).await?;
            Ok(ExitCode::SUCCESS)
        },
    )
    .await
}

/// Prints how many stored reviews keep the scores that were read by other rules.
async fn report_readings(
    before: ReadingRules,
    after: ReadingRules,
    connection: &DatabaseConnection,
) -> Result<(), Box<dyn Error>> {
    let has_other_stars = before.stars_out_of != after.stars_out_of;
    let has_other_numbers = before.bare_scores_out_of != after.bare_scores_out_of;
    if !has_other_stars && !has_other_numbers {
        return Ok(());
    }
    let Some(stored) = count_readings(connection).await? else {
        return Ok(());
    };
    let kinds = [
        (has_other_stars, stored.stars, "with stars"),
        (has_other_numbers, stored.bare_numbers, "with bare numbers"),
    ];
    let kinds: Vec<String> = kinds
        .into_iter()
        .filter(|(is_other, count, _)| *is_other && *count > 0)
        .map(|(_, count, kind)| format!("{count} {kind}"))
        .collect();
    if !kinds.is_empty() {
        writeln!(
            io::stdout(),
            "stored reviews keep the scores that the previous rules gave them: {}; to read them again, import them \
             again, or update each by `updateReview` with the same `originalScore` and `score: null`",
            kinds.join(", ")
        )?;
    }
    Ok(())
}

async fn replace(
    new: &SiteRules,
    connection: &DatabaseConnection,
) -> Result<store::ChangedRules, Box<dyn Error>> {
    let patch = RulesPatch::from(RulesDraft::of(new));
    let transaction = sql::begin_read_committed(connection).await?;
    let changed = store::change(&patch, None, &transaction).await?;
    let changed = changed.map_err(|errors| {
        let messages: Vec<String> = errors.into_iter().map(|error| error.message).collect();
        messages.join("; ")
    })?;
    transaction.commit().await?;
    Ok(changed)
}

/// Reads a file of rules, or standard input for "-".
fn read(path: &Path) -> Result<SiteRules, Box<dyn Error>> {
    let name = path.display();
    let text = read_text(path).map_err(|error| format!("{name}: {error}"))?;
    file::parse(&text).map_err(|errors| {
        let count = errors.len();
        let errors = errors.join("\n").replace('\n', "\n  ");
        if count == 1 {
            format!("{name}: {errors}; nothing was changed").into()
        } else {
            format!("{name}: {count} errors, so nothing was changed\n  {errors}").into()
        }
    })
}

fn read_text(path: &Path) -> Result<String, Box<dyn Error>> {
    let mut bytes = Vec::new();
    let limit = MAX_FILE_BYTES + 1;
    if path == Path::new("-") {
        io::stdin().lock().take(limit).read_to_end(&mut bytes)?;
    } else {
        fs::File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    }
    if bytes.len() as u64 >= limit {
        return Err(
            format!("more than {MAX_FILE_BYTES} bytes, which is too large for rules").into(),
        );
    }
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        format!("not UTF-8 at byte {offset}; nothing was changed").into()
    })
}
