//! The command `check`: compares the tallies with a recount.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use marquee::{
    config::{CheckArgs, DatabaseArgs},
    review::store::tally::{Difference, misweighed, recount, repair},
};

use super::{Done, refuse_pending, with_database};

/// Recounts the tallies and reports the differences, and repairs them if requested. Returns a failure status if any
/// tally still differs at the end.
pub async fn check(database: &DatabaseArgs, args: &CheckArgs) -> Done {
    with_database(database, async |connection| {
        refuse_pending(connection).await?;
        if !args.repair {
            let differences = recount(connection).await?;
            report(&differences)?;
            return conclude(differences.len(), misweighed(connection).await?);
        }
        let repair = repair(connection).await?;
        report(&repair.tallies)?;
        let (reviews, tallies) = (repair.reweighed, repair.tallies.len());
        if reviews > 0 {
            writeln!(
                io::stdout(),
                "reviews whose publication's weight was corrected: {reviews}"
            )?;
        }
        if tallies > 0 {
            writeln!(io::stdout(), "recounted tallies: {tallies}")?;
        }
        conclude(
            recount(connection).await?.len(),
            misweighed(connection).await?,
        )
    })
    .await
}

fn report(differences: &[Difference]) -> io::Result<()> {
    for difference in differences {
        let Difference {
            kind,
            slug,
            kept,
            recounted,
        } = difference;
        let stored = kept.as_deref().unwrap_or("no tally");
        writeln!(
            io::stdout(),
            "{kind} {slug}: stored {stored}, recounted {recounted}"
        )?;
    }
    Ok(())
}

fn conclude(differences: usize, misweighed: u64) -> Done {
    if differences == 0 && misweighed == 0 {
        writeln!(io::stdout(), "every tally equals a recount")?;
        return Ok(ExitCode::SUCCESS);
    }
    if misweighed > 0 {
        writeln!(
            io::stdout(),
            "reviews with another weight than their publication's: {misweighed}"
        )?;
    }
    if differences > 0 {
        writeln!(
            io::stdout(),
            "tallies that differ from a recount: {differences}"
        )?;
    }
    Ok(ExitCode::FAILURE)
}
