//! The time and memory of searches, and what they find of misspelt names, compared with `pg_trgm`.
//!
//!     cargo bench --bench search [-- names]
//!
//! The names are 65,500 made ones. They are searched on one core, in the process. The same words are searched by a
//! statement of `pg_trgm` over a prepared connection. Then excerpts are searched in a catalogue of a million reviews, which
//! stays in `target/bench`, unless only names are to be measured. It prints measurements and passes no judgement.

#![expect(
    clippy::cast_precision_loss,
    clippy::unwrap_used,
    reason = "a benchmark aborts when a precondition fails, and its numbers are small"
)]

#[path = "../big_catalogue/mod.rs"]
#[expect(dead_code, reason = "other benchmarks use the rest")]
mod big_catalogue;
#[path = "../directory/mod.rs"]
mod directory;
mod misspelt;
#[path = "../program/mod.rs"]
#[expect(dead_code, reason = "other benchmarks use the rest")]
mod program;

use std::{
    collections::HashMap,
    fs,
    path::Path,
    time::{Duration, Instant},
};

use big_catalogue::{BigCatalogue, REVIEWS};
use directory::directory;
use marquee::{
    config::Cli,
    database::{ClusterUse, Database},
    search::{
        KindSet, SearchText,
        name_index::{NameIndex, NamedRow},
    },
    text::search::{fold, words},
};
use misspelt::{Misspelt, Rng, misspelt, names};
use program::{block_on, marquee};
use sea_orm::sqlx::{self, Connection as _, PgConnection, Row as _};

/// The seed of the misspelt texts, another than that of the tests.
const SEED: u64 = 11;

/// The number of texts that are searched by `pg_trgm`, which takes some seconds.
const TRIGRAM_TEXTS: usize = 200;

/// The number of searches of excerpts.
const EXCERPT_TEXTS: usize = 600;

fn main() {
    let rows = names();
    let texts = measure_names(&rows);
    measure_trigrams(&rows, &texts);
    if !std::env::args().any(|argument| argument == "names") {
        measure_excerpts();
    }
}

/// Measures searches of names in the process. Returns the texts.
fn measure_names(rows: &[NamedRow]) -> Vec<String> {
    let began = Instant::now();
    let mut index = NameIndex::of(rows.to_vec());
    println!(
        "{} names: indexed in {} ms, {:.1} MiB",
        index.len(),
        began.elapsed().as_millis(),
        mebibytes(index.bytes())
    );
    print_recall(&index, rows, &misspelt(rows, SEED));
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/search/misspelt.tsv");
    if let Ok(list) = fs::read_to_string(list) {
        let pairs = list.lines().filter_map(|line| line.split_once('\t'));
        let pairs: Vec<(&str, &str)> = pairs.collect();
        print_share("misspelt.tsv", &index, rows, &pairs);
    }
    let texts = texts_for_latency(rows);
    let mut times = Vec::new();
    // The first round is not counted.
    for round in 0..3 {
        for text in &texts {
            let began = Instant::now();
            let text = SearchText::parse(text).unwrap();
            let matches = index.search(&text, KindSet::ALL);
            std::hint::black_box(matches);
            if round > 0 {
                times.push(began.elapsed());
            }
        }
    }
    print_times("a search of names", &mut times);
    let began = Instant::now();
    for (number, row) in rows.iter().step_by(65).enumerate() {
        let name = format!("{} {number}", row.name);
        index.insert(NamedRow {
            name,
            ..row.clone()
        });
    }
    let changes = u32::try_from(rows.len().div_ceil(65)).unwrap();
    println!(
        "a changed name: {:.1} µs",
        micros(began.elapsed() / changes)
    );
    texts
}

/// Returns 1,000 beginnings of names, from one character on, and 1,000 misspelt names.
fn texts_for_latency(rows: &[NamedRow]) -> Vec<String> {
    let mut rng = Rng::new(SEED);
    let beginnings = (0..1_000).map(|_| {
        let name = &rows[rng.below(rows.len())].name;
        let length = 1 + rng.below(name.chars().count());
        name.chars().take(length).collect::<String>()
    });
    let beginnings: Vec<String> = beginnings
        .filter(|text| SearchText::parse(text).is_ok())
        .collect();
    let misspelt = misspelt(rows, SEED)
        .into_iter()
        .chain(misspelt(rows, SEED + 1));
    beginnings
        .into_iter()
        .chain(misspelt.map(|misspelt| misspelt.text))
        .collect()
}

fn print_recall(index: &NameIndex, rows: &[NamedRow], texts: &[Misspelt]) {
    let mut by_error: HashMap<String, Vec<(&str, &str)>> = HashMap::new();
    let mut all = Vec::new();
    for Misspelt { error, text, name } in texts {
        let pair = (text.as_str(), name.as_str());
        by_error.entry(error.to_string()).or_default().push(pair);
        all.push(pair);
    }
    for (error, pairs) in &by_error {
        print_share(error, index, rows, pairs);
    }
    print_share("all misspelt", index, rows, &all);
}

/// Prints which share of the names that texts mean is among the first five, and the first.
fn print_share(what: &str, index: &NameIndex, rows: &[NamedRow], pairs: &[(&str, &str)]) {
    let folded = |name: &str| words(&fold(name)).join(" ");
    let names: HashMap<i64, &str> = rows.iter().map(|row| (row.id, row.name.as_str())).collect();
    let (mut five, mut first) = (0, 0);
    for (text, name) in pairs {
        let Ok(text) = SearchText::parse(text) else {
            continue;
        };
        let meant = folded(name);
        let matches = index.search(&text, KindSet::ALL);
        let mut found = matches.hits.iter().take(5);
        let place = found.position(|hit| folded(names[&hit.id]) == meant);
        five += usize::from(place.is_some());
        first += usize::from(place == Some(0));
    }
    let all = pairs.len();
    println!("{what}: of {all}, {five} are among the first five, {first} are the first");
}

/// Measures a statement of `pg_trgm` for the same words.
fn measure_trigrams(rows: &[NamedRow], texts: &[String]) {
    let directory = directory();
    let data = directory.path().join("data");
    let status = marquee(&data)
        .args(["migrate", "up"])
        .output()
        .unwrap()
        .status;
    assert!(status.success());
    let mut times = block_on(async {
        let cli = Cli::read(["marquee", "--data-dir", data.to_str().unwrap(), "check"]).unwrap();
        let database = Database::open(cli.database.address(), ClusterUse::Command)
            .await
            .unwrap();
        let mut connection = PgConnection::connect_with(database.options())
            .await
            .unwrap();
        let names: Vec<String> = rows.iter().map(|row| fold(&row.name)).collect();
        sqlx::raw_sql(
            "CREATE TEMP TABLE name (id bigint GENERATED ALWAYS AS IDENTITY, folded text)",
        )
        .execute(&mut connection)
        .await
        .unwrap();
        sqlx::query("INSERT INTO name (folded) SELECT unnest($1::text[])")
            .bind(names)
            .execute(&mut connection)
            .await
            .unwrap();
        sqlx::raw_sql("CREATE INDEX ON name USING gin (folded gin_trgm_ops); ANALYZE name")
            .execute(&mut connection)
            .await
            .unwrap();
        let sql = "SELECT id FROM name WHERE folded % $1 ORDER BY similarity(folded, $1) DESC, id LIMIT 10";
        let mut times = Vec::new();
        let step = (texts.len() / TRIGRAM_TEXTS).max(1);
        for text in texts.iter().step_by(step) {
            let text = fold(text);
            let began = Instant::now();
            sqlx::query(sql)
                .bind(&text)
                .fetch_all(&mut connection)
                .await
                .unwrap();
            times.push(began.elapsed());
        }
        connection.close().await.unwrap();
        database.close().await;
        times
    });
    print_times("a statement of pg_trgm", &mut times);
}

/// Measures searches of excerpts: one to three words of an excerpt, the last cut in half.
fn measure_excerpts() {
    let catalogue = BigCatalogue::open_or_generate(REVIEWS);
    let mut times = catalogue.query(async |connection| {
        let sql = "SELECT excerpt FROM review WHERE excerpt IS NOT NULL AND id % 1009 = 3 ORDER BY id LIMIT 600";
        let excerpts = sqlx::query(sql).fetch_all(&mut *connection).await?;
        let mut rng = Rng::new(SEED);
        let mut times = Vec::new();
        for row in excerpts.iter().take(EXCERPT_TEXTS) {
            let words = words(&fold(&row.try_get::<String, _>(0)?));
            let place = rng.below(words.len());
            let sought = &words[place..words.len().min(place + 1 + rng.below(3))];
            let (query, lead) = query_of(sought);
            let began = Instant::now();
            let sql = "SELECT id FROM search_excerpts($1, $2, $3, 11) AS id";
            let statement = sqlx::query(sql).bind(&query).bind(&lead).bind(i64::MAX);
            statement.fetch_all(&mut *connection).await?;
            times.push(began.elapsed());
        }
        Ok(times)
    });
    print_times("a search of excerpts", &mut times);
}

/// Returns the query for words of which half of the last is known, and that for the others.
fn query_of(sought: &[String]) -> (String, String) {
    let mut words: Vec<String> = sought.iter().map(|word| format!("'{word}'")).collect();
    let complete = words.len().saturating_sub(1);
    let lead = words[..complete].join(" & ");
    if let (Some(last), Some(shown)) = (sought.last(), words.last_mut()) {
        let half = last.chars().count().div_ceil(2);
        *shown = format!("'{}'", last.chars().take(half).collect::<String>());
    }
    let query = format!("{}:*", words.join(" & "));
    let lead = if complete == 0 { query.clone() } else { lead };
    (query, lead)
}

fn print_times(what: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let sum: Duration = times.iter().sum();
    let per_second = times.len() as f64 / sum.as_secs_f64();
    let at = |share: usize| micros(times[(times.len() * share / 1_000).min(times.len() - 1)]);
    println!(
        "{what}: p50 {:.0} µs, p99 {:.0} µs, at most {:.0} µs, {per_second:.0} a second",
        at(500),
        at(990),
        at(1_000)
    );
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn mebibytes(bytes: usize) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
