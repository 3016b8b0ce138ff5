//! Recursion over input is bounded. Ten times what each limit allows is processed on a thread with half of a worker's
//! stack. A stack overflow aborts the process, and this test with it.

use std::{hash::Hash, sync::LazyLock, thread};

use marquee::{
    critic::{
        CriticId,
        store::{CriticById, CriticBySlug},
    },
    database::{pool::Pool, session::Session},
    document::{Pipeline, limits::Limits},
    film::{
        FilmId,
        store::{FilmById, FilmBySlug},
    },
    global_id::GlobalId,
    import::page::{self, Order},
    loader::key::LoaderKey,
    metrics::CacheMetrics,
    pagination::{Direction, KeyKind, OrderTag, PageArgs, PageRequest, Position},
    publication::{
        PublicationId,
        store::{PublicationById, PublicationBySlug},
    },
    published_score::store::PublishedScoresOfFilm,
    review::{
        Owner, ReviewFilter, ReviewId, ReviewOrder, ReviewRevision,
        original_score::{self, DefaultScales},
        store::{
            ReviewById, ReviewColumns, ReviewCount, ReviewPage, ReviewQuery,
            revisions::RevisionPage,
            tally::{CriticTally, FilteredTally, PublicationTally},
        },
    },
    score::Sentiment,
    text,
};
use serde_json::{Map, Value, json};

use crate::support::TestDatabase;

/// Half the stack size of worker threads: the default of the standard library is 2 MiB.
const HALF_A_STACK: usize = 1 << 20;

/// The factor by which inputs exceed the limits.
const TIMES: usize = 10;

fn on_half_a_stack(test: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().stack_size(HALF_A_STACK);
    thread.spawn(test).unwrap().join().unwrap();
}

/// Returns the pipeline of the served schema with ten times the default limits.
fn pipeline() -> &'static Pipeline {
    static PIPELINE: LazyLock<Pipeline> = LazyLock::new(|| {
        let Limits {
            bytes,
            tokens,
            depth,
            aliases,
            root_fields,
            directives,
            cost,
            variable_bytes,
            variable_depth,
        } = Limits::default();
        let limits = Limits {
            bytes: bytes * TIMES,
            tokens: tokens * TIMES,
            depth: depth * TIMES,
            aliases: aliases * TIMES,
            root_fields: root_fields * TIMES,
            directives: directives * TIMES,
            cost: cost * TIMES,
            variable_bytes: variable_bytes * TIMES,
            variable_depth: variable_depth * TIMES,
        };
        let sdl = marquee::graphql::schema::sdl();
        Pipeline::new(&sdl, limits, true, 0, CacheMetrics::default()).unwrap()
    });
    &PIPELINE
}

/// Parses, validates and plans a request, and drops the result. Returns whether the request is executable.
fn examine(query: &str, variables: &Map<String, Value>) -> bool {
    let pipeline = pipeline();
    let document = pipeline.document(query);
    document.is_ok_and(|document| pipeline.plan(&document, None, variables).is_ok())
}

/// Returns a text with this many nested pieces.
fn nested((open, close): (&str, &str), (more, less): (&str, &str), times: usize) -> String {
    [
        open,
        &more.repeat(times),
        " id ",
        &less.repeat(times),
        close,
    ]
    .concat()
}

#[test]
fn deeply_nested_documents_do_not_overflow_the_stack() {
    let around = [
        ("{ a ", "}"),
        ("{ films(first: 1) { nodes { score(filter: ", "}}}"),
        ("{ ... on Query ", "}"),
        ("{ ... ", "}"),
        ("query($v: [", "]) { a }"),
        ("query($v: Int = [", "]) { a }"),
        ("query($v: Int = {a: ", "}) { a }"),
        ("{ films(filter: {title: [", "]}) { totalCount } }"),
        ("{ films(filter: {year: ", "}) { totalCount } }"),
        ("{ film(by: ", ") { id } }"),
    ];
    let inner = [
        ("{", "}"),
        ("[", "]"),
        ("{a: ", "}"),
        ("{ ...on Query", "}"),
        ("", "!"),
    ];
    on_half_a_stack(move || {
        for around in around {
            for inner in inner {
                for times in [25, 130, 399, 1_000, 10_000] {
                    examine(&nested(around, inner, times), &Map::new());
                }
            }
        }
        // For a document that is valid against the schema, only the nesting decides.
        let deep = |times| {
            let around = ("{ film(by: {slug: \"a\"}) {", "} }");
            let inner = ("reviews(first: 1) { nodes { film { ", "} } }");
            examine(&nested(around, inner, times), &Map::new())
        };
        assert!(deep(32));
        assert!(!deep(33) && !deep(1_000));
    });
}

#[test]
fn large_documents_do_not_overflow_the_stack() {
    let many = 9_000;
    let numbered = |piece: &dyn Fn(usize) -> String| (0..many).map(piece).collect::<String>();
    let wide: Vec<_> = (0..1_900).map(|n| format!("a{n}: title")).collect();
    let wide = wide.join(" ");
    let queries = [
        format!("{{ films(first: 1) {{ nodes {{ {wide} }} }} }}"),
        format!("{{ {} }}", "__typename ".repeat(many)),
        format!("{{ {} }}", numbered(&|n| format!("a{n}: __typename "))),
        format!("{{ {} __typename }}", "...F ".repeat(many))
            + " fragment F on Query { __typename }",
        String::from("{ ...F0 }")
            + &numbered(&|n| format!(" fragment F{n} on Query {{ ...F{} }}", n + 1))
            + &format!(" fragment F{many} on Query {{ __typename }}"),
        String::from("{ ...F0 }")
            + &numbered(&|n| format!(" fragment F{n} on Query {{ ...F{} }}", (n + 1) % many)),
        format!("{{ __typename {} }}", "@include(if: true) ".repeat(many)),
        format!(
            "query({}) {{ __typename }}",
            numbered(&|n| format!("$v{n}: Int "))
        ),
        format!("{{ nodes(ids: [{}]) {{ id }} }}", "\"a\" ".repeat(many)),
        format!(
            "{{ films(filter: {{ {} }}) {{ totalCount }} }}",
            "title: \"a\" ".repeat(many)
        ),
        numbered(&|n| format!("query Q{n} {{ __typename }} ")),
        format!(
            "query($v: ID! = \"a\") {{ nodes(ids: [{}]) {{ id }} }}",
            "$v ".repeat(many)
        ),
    ];
    on_half_a_stack(move || {
        let executable = queries.iter().filter(|query| examine(query, &Map::new()));
        // The first query is within all limits.
        assert!(executable.count() >= 1);
    });
}

/// The JSON parser limits the nesting, but a client's own variables may have any type.
#[test]
fn deep_and_large_variables_do_not_overflow_the_stack() {
    let depth = Limits::default().variable_depth * TIMES;
    let items = Limits::default().variable_bytes * TIMES / 8;
    on_half_a_stack(move || {
        let deep =
            |around: &dyn Fn(Value) -> Value| (0..depth).fold(json!("a"), |value, _| around(value));
        let list = deep(&|value| json!([value]));
        let object = deep(&|value| json!({"filter": value}));
        let values = [
            list,
            object,
            json!(vec!["POSITIVE"; items]),
            json!("x".repeat(items * 8)),
            json!(vec![json!({}); items]),
        ];
        let nested = "[".repeat(depth) + "String" + &"]".repeat(depth);
        for ty in [
            "[Sentiment!]",
            "ReviewFilter",
            "[ID!]!",
            "String",
            "FilmBy!",
            "AddReviewInput!",
            &nested,
        ] {
            let (field, argument) = match ty {
                "[Sentiment!]" => ("reviews(filter: {sentiment: $v}) { totalCount }", "query"),
                "ReviewFilter" => ("reviews(filter: $v) { totalCount }", "query"),
                "[ID!]!" => ("nodes(ids: $v) { id }", "query"),
                "FilmBy!" => ("film(by: $v) { id }", "query"),
                "AddReviewInput!" => ("addReview(input: $v) { __typename }", "mutation"),
                _ => ("films(filter: {title: $v}) { totalCount }", "query"),
            };
            let query = format!("{argument}($v: {ty}) {{ {field} }}");
            for value in &values {
                let variables = Map::from_iter([("v".to_owned(), value.clone())]);
                assert!(!examine(&query, &variables), "{query}");
            }
        }
        // Drops the nested values on this stack.
        drop(values);
    });
}

/// Batched loads share one statement, whose expression is built, rendered and dropped.
#[test]
fn statements_for_many_keys_do_not_overflow_the_stack() {
    // Pages of a hundred for each of the sixteen requests that may share a statement.
    let keys = 100 * 16 * TIMES;
    let keys = 1..i64::try_from(keys).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let database = runtime.block_on(TestDatabase::demo());
    let options = database.serving_options();
    on_half_a_stack(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let session = Session::new(Pool::single(&options));
            let filter = ReviewFilter {
                sentiment: Some(Sentiment::ALL.into_iter().collect()),
                ..ReviewFilter::default()
            };
            let order = ReviewOrder::DEFAULT;
            let page = |tag| PageRequest::parse(&PageArgs::default(), tag).unwrap();
            let query = ReviewQuery {
                filter: filter.clone(),
                order,
                page: page(order.tag()),
                columns: ReviewColumns::ALL,
            };
            let film = |key| Owner::Film(FilmId(key));
            let slug = |key: i64| format!("the-lighthouse-tax-{key}");
            let revisions = page(ReviewRevision::ORDER);
            read(keys.clone().map(|key| FilmById(FilmId(key))), &session).await;
            read(keys.clone().map(|key| FilmBySlug(slug(key))), &session).await;
            read(keys.clone().map(|key| CriticById(CriticId(key))), &session).await;
            read(keys.clone().map(|key| CriticBySlug(slug(key))), &session).await;
            read(
                keys.clone().map(|key| PublicationById(PublicationId(key))),
                &session,
            )
            .await;
            read(
                keys.clone().map(|key| PublicationBySlug(slug(key))),
                &session,
            )
            .await;
            read(
                keys.clone().map(|key| PublishedScoresOfFilm(FilmId(key))),
                &session,
            )
            .await;
            read(keys.clone().map(|key| ReviewById(ReviewId(key))), &session).await;
            read(keys.clone().map(|key| CriticTally(CriticId(key))), &session).await;
            read(
                keys.clone().map(|key| PublicationTally(PublicationId(key))),
                &session,
            )
            .await;
            read(
                keys.clone().map(|key| ReviewPage {
                    owner: film(key),
                    query: query.clone(),
                }),
                &session,
            )
            .await;
            read(
                keys.clone().map(|key| ReviewCount {
                    owner: film(key),
                    filter: filter.clone(),
                }),
                &session,
            )
            .await;
            read(
                keys.clone().map(|key| FilteredTally {
                    owner: film(key),
                    filter: filter.clone(),
                }),
                &session,
            )
            .await;
            read(
                keys.clone().map(|key| RevisionPage {
                    review: ReviewId(key),
                    page: revisions.clone(),
                }),
                &session,
            )
            .await;
        });
    });
    drop(database);
}

async fn read<K: LoaderKey + Hash>(keys: impl Iterator<Item = K>, session: &Session) {
    let found = K::read(keys.collect(), session).await;
    found.unwrap_or_else(|error| panic!("{}: {error}", std::any::type_name::<K>()));
}

#[test]
fn large_pages_do_not_overflow_the_stack() {
    let heading = "Generally favorable reviews - based on 5 Critics\nPositive: 3 out of 5\nMixed: 1 out of 5\nNegative: 1 out of 5\n";
    let pieces = [
        "\n",
        "x",
        "1. ",
        "1.\nReviewed by: A B\nJan 1, 2001\n90\nText.\n",
        "Positive: 3 out of 5\n",
        "Generally favorable reviews - based on 5 Critics\n",
        "\u{301}",
    ];
    on_half_a_stack(move || {
        for piece in pieces {
            let text =
                heading.to_owned() + &piece.repeat(text::MAX_PAGE_LENGTH * TIMES / piece.len());
            drop(page::parse(&text, Order::BestToWorst));
        }
    });
}

#[test]
fn long_ids_cursors_and_scores_do_not_overflow_the_stack() {
    let order = OrderTag {
        name: "title",
        kind: KeyKind::Text,
        is_nullable: false,
        direction: Direction::Ascending,
    };
    on_half_a_stack(move || {
        for piece in ["W1", "eyJ", "1/", "(", "*", "A", "\u{301}", "9", "-"] {
            let text = piece.repeat(2_000 * TIMES);
            assert!(GlobalId::decode(&text).is_none());
            assert!(Position::from_cursor(&text, order).is_err());
            let _ = original_score::read(&text, &DefaultScales::default());
        }
    });
}
