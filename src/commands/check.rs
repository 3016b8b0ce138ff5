//! The command `check`: compares the tallies with a recount, and the sequences with their tables.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use crate::{
    config::{CheckArgs, database::DatabaseArgs},
    database::sequence::{self, LaggingSequence},
    review::store::tally::{
        TallyDifference, count_wrong_scores, count_wrong_weights, recount, repair,
    },
};

use super::{CommandResult, require_current_schema, with_database};

/// Recounts the tallies, compares the sequences with their tables and reports the differences, and repairs them if
/// requested. Returns a failure status if anything still differs at the end.
pub async fn check(database: &DatabaseArgs, args: &CheckArgs) -> CommandResult {
    with_database(database, async |connection| {
        require_current_schema(connection).await?;
        if !args.repair {
            let differences = recount(connection).await?;
            report(&differences)?;
            let lagging = sequence::find_lagging(connection).await?;
            report_lagging(&lagging)?;
            return print_conclusion(
                differences.len(),
                count_wrong_weights(connection).await?,
                count_wrong_scores(connection).await?,
                lagging.len(),
            );
        }
        let advanced = sequence::advance_lagging(connection).await?;
        report_lagging(&advanced)?;
        if !advanced.is_empty() {
            writeln!(io::stdout(), "advanced sequences: {}", advanced.len())?;
        }
        let repair = repair(connection).await?;
        report(&repair.tallies)?;
        let (reviews, tallies) = (repair.corrected_weights, repair.tallies.len());
        if reviews > 0 {
            writeln!(
                io::stdout(),
                "reviews whose publication's weight was corrected: {reviews}"
            )?;
        }
        if tallies > 0 {
            writeln!(io::stdout(), "recounted tallies: {tallies}")?;
        }
        let scores = repair.corrected_scores;
        if scores > 0 {
            writeln!(io::stdout(), "films whose score was corrected: {scores}")?;
        }
        print_conclusion(
            recount(connection).await?.len(),
            count_wrong_weights(connection).await?,
            count_wrong_scores(connection).await?,
            sequence::find_lagging(connection).await?.len(),
        )
    })
    .await
}

fn report(differences: &[TallyDifference]) -> io::Result<()> {
    for difference in differences {
        let TallyDifference {
            kind,
            slug,
            stored,
            recounted,
        } = difference;
        let stored = stored.as_deref().unwrap_or("no tally");
        writeln!(
            io::stdout(),
            "{kind} {slug}: stored {stored}, recounted {recounted}"
        )?;
    }
    Ok(())
}

fn report_lagging(sequences: &[LaggingSequence]) -> io::Result<()> {
    for sequence in sequences {
        writeln!(io::stdout(), "{sequence}")?;
    }
    Ok(())
}

fn print_conclusion(
    differences: usize,
    wrong_weights: u64,
    wrong_scores: u64,
    lagging_sequences: usize,
) -> CommandResult {
    if differences == 0 && wrong_weights == 0 && wrong_scores == 0 && lagging_sequences == 0 {
        writeln!(io::stdout(), "every tally equals a recount")?;
        return Ok(ExitCode::SUCCESS);
    }
    if wrong_weights > 0 {
        writeln!(
            io::stdout(),
            "reviews with another weight than their publication's: {wrong_weights}"
        )?;
    }
    if wrong_scores > 0 {
        writeln!(
            io::stdout(),
            "films with another score than their tally's under the rules of the site: {wrong_scores}"
        )?;
    }
    if differences > 0 {
        writeln!(
            io::stdout(),
            "tallies that differ from a recount: {differences}"
        )?;
    }
    if lagging_sequences > 0 {
        writeln!(
            io::stdout(),
            "sequences behind their tables: {lagging_sequences}"
        )?;
    }
    Ok(ExitCode::FAILURE)
}
