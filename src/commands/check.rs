//! Checking the tallies against a recount.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use marquee::{
    config::{CheckArgs, DatabaseArgs},
    review::store::tally::{Difference, misweighed, recount, repair},
};

use super::{Done, refuse_pending, with_database};

/// Recounts and reports, and repairs if that is asked for; failure if a tally differs in the end.
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
                "reviews that got their publication's weight: {reviews}"
            )?;
        }
        if tallies > 0 {
            writeln!(io::stdout(), "tallies that were counted anew: {tallies}")?;
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
        let kept = kept.as_deref().unwrap_or("no tally");
        writeln!(
            io::stdout(),
            "{kind} {slug}: kept {kept}, recounted {recounted}"
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
            "reviews that don't have their publication's weight: {misweighed}"
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
