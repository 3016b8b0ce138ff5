//! The command `import page`: imports one film's page of reviews.

use std::{
    error::Error,
    fmt, fs,
    io::{self, Read, Write},
    path::Path,
    process::ExitCode,
};

use chrono::Utc;

use super::{
    super::{CommandResult, location::Creation, prepare_schema, with_located_database},
    lacks_schema, locate_for, summary, wait_for_servers,
};
use crate::{
    config::{PageArgs, database::DatabaseArgs},
    import::{
        FilmName, ImportSummary,
        page::{self, Order, Page, PageErrors, PageReview},
        store::page::{PageFilm, PageImport, store_page},
    },
    site_rules::{self, SiteRules},
};

/// The maximum size of a page in bytes. A page of reviews has some kilobytes; a larger file is a mistake.
const MAX_PAGE_BYTES: u64 = 16 << 20;

/// Reads, validates and stores a page, and prints a summary of the changes.
pub async fn import_page(database: &DatabaseArgs, args: &PageArgs) -> CommandResult {
    let film = FilmName::new(&args.title, args.year)
        .ok_or("--title is blank, longer than 300 characters, or contains control characters")?;
    let (source, order) = (checked_source(args)?, order(args));
    let name = args.file.display();
    let text = read(&args.file).map_err(|error| format!("{name}: {error}"))?;
    if text.trim().is_empty() {
        // No rules make it a page, so the database needn't be opened.
        page::parse(&text, order, &SiteRules::default())
            .map_err(|errors| errors_message(&name, &errors))?;
    }

    let location = match locate_for(database, args.dry_run)? {
        Ok(location) => location,
        Err(reason) => return print_only(&text, order, &name, &reason),
    };
    with_located_database(
        database,
        Creation::OnRequest,
        location,
        async |database, connection| {
            if args.dry_run
                && let Some(reason) = lacks_schema(connection).await?
            {
                return print_only(&text, order, &name, &reason);
            }
            prepare_schema(connection, args.dry_run).await?;
            let rules = site_rules::store::read(connection).await?;
            let page = page::parse(&text, order, &rules);
            let page = page.map_err(|errors| errors_message(&name, &errors))?;
            let import = PageImport {
                film: PageFilm::Named(&film),
                source,
                dry_run: args.dry_run,
                now: Utc::now(),
            };
            let summary = store_page(&page, &import, connection)
                .await?
                .map_err(|refusal| format!("{name}: {refusal}; nothing was stored"))?;
            if args.dry_run {
                print_page(&page)?;
                print_summary(&summary, true)?;
            } else {
                wait_for_servers(database.options()).await;
                summary::report_unprinted(print_summary(&summary, false));
            }
            Ok(ExitCode::SUCCESS)
        },
    )
    .await
}

fn checked_source(args: &PageArgs) -> Result<&str, Box<dyn Error>> {
    let source = args.source.trim();
    if source.is_empty() || source.chars().any(char::is_control) {
        return Err("--source is blank or contains control characters".into());
    }
    Ok(source)
}

fn order(args: &PageArgs) -> Order {
    if args.unordered {
        Order::Unordered
    } else {
        Order::BestToWorst
    }
}

/// Prints the reviews of a page for a dry run without a database to compare with.
fn print_only(text: &str, order: Order, name: &impl fmt::Display, reason: &str) -> CommandResult {
    let page = page::parse(text, order, &SiteRules::default());
    print_page(&page.map_err(|errors| errors_message(name, &errors))?)?;
    let mut out = io::stdout().lock();
    writeln!(out, "nothing to compare with: {reason}")?;
    summary::print_end(true, false, &mut out)?;
    Ok(ExitCode::SUCCESS)
}

/// Reads a file as UTF-8, or standard input for "-".
fn read(path: &Path) -> Result<String, Box<dyn Error>> {
    let mut bytes = Vec::new();
    let limit = MAX_PAGE_BYTES + 1;
    if path == Path::new("-") {
        io::stdin().lock().take(limit).read_to_end(&mut bytes)?;
    } else {
        fs::File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    }
    if bytes.len() as u64 >= limit {
        return Err(format!(
            "more than {MAX_PAGE_BYTES} bytes, which is too large for a page of reviews"
        )
        .into());
    }
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        format!("not UTF-8 at byte {offset}; nothing was stored").into()
    })
}

/// Formats the errors of a page: a single error on one line, several errors on one line each.
fn errors_message(name: &impl fmt::Display, errors: &PageErrors) -> String {
    if let ([error], 0) = (errors.as_slice(), errors.omitted_count()) {
        return format!("{name}: {error}; nothing was stored");
    }
    let count = errors.as_slice().len() + errors.omitted_count();
    let indented = errors.to_string().replace('\n', "\n  ");
    format!("{name}: {count} errors, so nothing was stored\n  {indented}")
}

fn print_page(page: &Page) -> io::Result<()> {
    for review in &page.reviews {
        writeln!(io::stdout(), "{}", one_line(review))?;
    }
    Ok(())
}

fn one_line(review: &PageReview) -> String {
    let score = review
        .score
        .map_or_else(|| "no score".to_owned(), |score| format!("score {score}"));
    let sentiment = review.sentiment.map_or_else(
        || "unrated".to_owned(),
        |sentiment| format!("{sentiment:?}").to_lowercase(),
    );
    let byline = review
        .byline
        .as_ref()
        .map_or("no byline", |byline| byline.text());
    let critic = match review.byline.as_ref().map(|byline| byline.critic()) {
        Some(None) => ", no critic",
        _ => "",
    };
    let date = review
        .reviewed_on
        .map_or_else(|| "no date".to_owned(), |date| date.to_string());
    let excerpt = match &review.excerpt {
        None => "no excerpt".to_owned(),
        Some(text) => format!("{} characters", text.chars().count()),
    };
    format!(
        "{:>4}. {byline}{critic}; {date}; {score}; {sentiment}; {excerpt}",
        review.number
    )
}

fn print_summary(summary: &ImportSummary, dry_run: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let ImportSummary {
        film_title,
        film_slug,
        films,
        critics,
        reviews,
        published_scores,
        missing,
        folded_names,
        similar_names,
    } = summary;
    writeln!(out, "film {film_slug} ({film_title}): {films}")?;
    writeln!(out, "critics: {critics}")?;
    writeln!(out, "reviews: {reviews}")?;
    writeln!(out, "published scores: {published_scores}")?;
    if *missing > 0 {
        writeln!(
            out,
            "unchanged, but no longer on this page: {missing} reviews"
        )?;
    }
    summary::print_folded_names(folded_names, folded_names.len(), &mut out)?;
    summary::print_similar_names(similar_names, &mut out)?;
    summary::print_end(dry_run, summary.has_changes(), &mut out)
}
