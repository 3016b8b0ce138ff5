//! The cost of the pure parts, which do no I/O: their time, and their number of instructions, which doesn't depend on
//! the load of the machine.
//!
//!     cargo bench --bench pure                       # times, by divan
//!     cargo bench --bench pure -- --instructions     # instructions of a call, by callgrind

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark aborts when a precondition fails"
)]

use std::{env, fmt, fs, hint::black_box, process::Command, sync::Arc};

use divan::Bencher;
use marquee::{
    cache::{
        invalidation_clock::InvalidationClock,
        invalidation_listener::InvalidationListener,
        response_cache::key::CacheKey,
        tag::{Tag, TagKind},
    },
    document::{Pipeline, limits::Limits},
    global_id::{GlobalId, Kind},
    graphql::schema,
    import::page,
    metrics::CacheMetrics,
    pagination::{Direction, KeyKind, OrderTag, Position, SortKey},
    review::original_score::{self, DefaultScales},
    score::{Basis, Points, Policy, ScoreInput, ScoreLabel, Sentiment, Tally, Verdict, Weight},
    translations::{RequestLanguage, SharedTranslations, Translations},
};
use prometheus_client::metrics::counter::Counter;
use serde_json::{Map, Value};

const FILM_PAGE: &str = "query FilmPage($slug: String!) { film(by: { slug: $slug }) { title releaseDate score { value label }
    scoreDistribution { positive { count } mixed { count } negative { count } }
    reviews(first: 10, orderBy: { field: SCORE }) { nodes { score excerpt reviewedOn critic { name } publication { name } } } } }";

const PAGE: &str = include_str!("../tests/it/fixtures/page.txt");

const ORDER: OrderTag = OrderTag {
    name: "score",
    kind: KeyKind::Number,
    is_nullable: true,
    direction: Direction::Descending,
};

/// A part with its name. `prepare` does the one-time setup and returns the function to measure.
#[derive(Clone, Copy)]
struct Part {
    name: &'static str,
    prepare: fn() -> Box<dyn Fn() + Sync>,
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}

/// Returns the function that formats a label in a language.
fn label_in(locale: &str) -> Box<dyn Fn() + Sync> {
    let translations = Translations::builtin();
    let language = RequestLanguage::negotiate(translations.into(), [locale]);
    Box::new(move || {
        let label = ScoreLabel::Scored {
            verdict: black_box(Verdict::GenerallyFavorable),
            count: black_box(21),
            basis: Basis::Critics,
        };
        black_box(language.language().score_label(label).to_string());
    })
}

const PARTS: [Part; 15] = [
    Part {
        name: "validate a new document",
        prepare: || {
            let pipeline = pipeline(0);
            Box::new(move || consume(pipeline.document(black_box(FILM_PAGE))))
        },
    },
    Part {
        name: "plan a cached document",
        prepare: || {
            let pipeline = pipeline(1 << 20);
            let mut variables = Map::new();
            variables.insert("slug".to_owned(), Value::from("the-lighthouse-tax-2019"));
            Box::new(move || {
                let document = pipeline.document(FILM_PAGE).unwrap();
                consume(pipeline.plan(&document, None, &variables));
            })
        },
    },
    Part {
        name: "compute a response cache key",
        prepare: || {
            Box::new(|| {
                consume(CacheKey::from_parts(&[
                    black_box(b"critic"),
                    b"{\"slug\":\"the-lighthouse-tax-2019\"}",
                    FILM_PAGE.as_bytes(),
                ]));
            })
        },
    },
    Part {
        name: "format a label without translations",
        prepare: || {
            Box::new(|| {
                let count = black_box(21_u32);
                let noun = if count == 1 { "Critic" } else { "Critics" };
                let verdict = black_box(Verdict::GenerallyFavorable);
                black_box(format!("{} - based on {count} {noun}", verdict.label()));
            })
        },
    },
    Part {
        name: "format a label in English",
        prepare: || label_in("en"),
    },
    Part {
        name: "format a label in French",
        prepare: || label_in("fr"),
    },
    Part {
        name: "choose a language by Accept-Language",
        prepare: || {
            let translations = SharedTranslations::from(Translations::builtin());
            Box::new(move || {
                let header = black_box("de-AT,de;q=0.9,en-US;q=0.8,en;q=0.7");
                black_box(RequestLanguage::negotiate(translations.clone(), [header]));
            })
        },
    },
    Part {
        name: "check 22 tags for invalidation",
        prepare: || {
            let clock = InvalidationClock::default();
            clock.on_connect();
            let now = clock.now().unwrap();
            let tags: Vec<Tag> = (1..=22).map(|key| Tag::of(TagKind::Critic, key)).collect();
            Box::new(move || {
                black_box(clock.are_unchanged(now, tags.iter().copied()));
            })
        },
    },
    Part {
        name: "process an invalidation notification",
        prepare: || {
            let clock = Arc::new(InvalidationClock::default());
            let listener = InvalidationListener::new(clock, Counter::default());
            Box::new(move || listener.handle_notification(black_box("r1234567 F4321 C321 P21")))
        },
    },
    Part {
        name: "count a tally of 1,000 reviews",
        prepare: || {
            let reviews: Vec<ScoreInput> = (0..1_000).map(score_input).collect();
            Box::new(move || consume(Tally::of(black_box(&reviews))))
        },
    },
    Part {
        name: "compute the score and distribution of a tally",
        prepare: || {
            let tally = Tally::of((0..1_000).map(score_input));
            let policy = Policy::default();
            Box::new(move || {
                consume(policy.score(black_box(&tally), Basis::Critics));
                black_box(policy.distribution(&tally));
            })
        },
    },
    Part {
        name: "parse an original score",
        prepare: || {
            let scales = DefaultScales::default();
            Box::new(move || consume(original_score::read(black_box("3.5/5"), &scales)))
        },
    },
    Part {
        name: "encode and decode a cursor",
        prepare: || {
            let position = Position {
                key: SortKey::Number(87),
                id: 123_456,
            };
            Box::new(move || {
                let cursor = black_box(&position).to_cursor(ORDER);
                consume(Position::from_cursor(&cursor, ORDER));
            })
        },
    },
    Part {
        name: "encode and decode a global id",
        prepare: || {
            Box::new(|| {
                let id = GlobalId {
                    kind: Kind::Review,
                    key: black_box(123_456),
                };
                black_box(GlobalId::decode(&id.encode()));
            })
        },
    },
    Part {
        name: "parse a page of five reviews",
        prepare: || {
            Box::new(|| {
                consume(page::parse(
                    black_box(PAGE),
                    page::Order::BestToWorst,
                    &marquee::site_rules::SiteRules::default(),
                ));
            })
        },
    },
];

/// Passes a result to `black_box`, so that the compiler doesn't remove the call.
fn consume<T>(result: T) {
    drop(black_box(result));
}

fn pipeline(cache: u64) -> Pipeline {
    let metrics = CacheMetrics::default();
    Pipeline::new(&schema::sdl(), Limits::default(), true, cache, metrics).unwrap()
}

fn score_input(number: u16) -> ScoreInput {
    ScoreInput {
        points: Points::new(i16::try_from(number % 101).unwrap()),
        declared: Some(Sentiment::Positive),
        recommended: Some(number.is_multiple_of(3)),
        weight: Weight::default(),
    }
}

#[divan::bench(args = PARTS)]
fn part(bencher: Bencher<'_, '_>, part: Part) {
    let call = (part.prepare)();
    bencher.bench(call);
}

/// The number of measured calls. The instructions of a process without calls are subtracted.
const CALLS: u64 = 100;

fn main() {
    let arguments: Vec<String> = env::args().collect();
    let after = |word: &str| {
        let index = arguments.iter().position(|argument| argument == word)?;
        arguments.get(index + 1)
    };
    if let (Some(name), Some(calls)) = (after("--call"), after("--times")) {
        let part = PARTS.iter().find(|part| part.name == name).unwrap();
        let call = (part.prepare)();
        (0..calls.parse::<u64>().unwrap()).for_each(|_| call());
    } else if arguments
        .iter()
        .any(|argument| argument == "--instructions")
    {
        println!("| | instructions |\n|---|---|");
        for part in &PARTS {
            let difference = instructions(part, CALLS) - instructions(part, 0);
            println!("| {} | {} |", part.name, difference / CALLS);
        }
    } else {
        divan::main();
    }
}

/// Returns the number of instructions of a process that calls a part this many times.
fn instructions(part: &Part, calls: u64) -> u64 {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("callgrind");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet"])
        .arg(format!("--callgrind-out-file={}", file.display()))
        .arg(env::current_exe().unwrap())
        .args(["--call", part.name, "--times", &calls.to_string()])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let profile = fs::read_to_string(file).unwrap();
    let summary = profile
        .lines()
        .find_map(|line| line.strip_prefix("summary: "))
        .or_else(|| {
            profile
                .lines()
                .find_map(|line| line.strip_prefix("totals: "))
        });
    summary.unwrap().trim().parse().unwrap()
}
