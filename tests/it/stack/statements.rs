//! Statements for many keys.

use std::{hash::Hash, ops::Range};

use marquee::{
    critic::{
        CriticId,
        store::{CriticById, CriticBySlug},
    },
    database::{APPLICATION_NAME, pool::Pool, session::Session},
    film::{
        FilmId,
        store::{FilmById, FilmBySlug},
    },
    loader::key::LoaderKey,
    pagination::{PageArgs, PageRequest},
    publication::{
        PublicationId,
        store::{PublicationById, PublicationBySlug},
    },
    published_score::store::PublishedScoresOfFilm,
    review::{
        ReviewId,
        counting::Counting,
        filter::{ReviewFilter, SentimentFilter},
        order::ReviewOrder,
        owner::Owner,
        revision::ReviewRevision,
        store::{
            ReviewById, ReviewColumns,
            count::ReviewCount,
            page::{ReviewPage, ReviewQuery},
            revisions::RevisionPage,
            tally::{CountedTally, CriticTally, PublicationTally},
        },
    },
    score::{Policy, Sentiment},
};

use super::{TIMES, on_half_a_stack};
use crate::support::TestDatabase;

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
            let session = Session::new(Pool::single(&options, APPLICATION_NAME));
            read_objects(keys.clone(), &session).await;
            read_pages(keys.clone(), &session).await;
            read_tallies(keys, &session).await;
        });
    });
    drop(database);
}

async fn read_objects(keys: Range<i64>, session: &Session) {
    let slug = |key: i64| format!("the-lighthouse-tax-{key}");
    let film = |key| FilmById(FilmId(key));
    let critic = |key| CriticById(CriticId(key));
    let publication = |key| PublicationById(PublicationId(key));
    let published = |key| PublishedScoresOfFilm(FilmId(key));
    read(keys.clone().map(film), session).await;
    read(keys.clone().map(|key| FilmBySlug(slug(key))), session).await;
    read(keys.clone().map(critic), session).await;
    read(keys.clone().map(|key| CriticBySlug(slug(key))), session).await;
    read(keys.clone().map(publication), session).await;
    read(
        keys.clone().map(|key| PublicationBySlug(slug(key))),
        session,
    )
    .await;
    read(keys.clone().map(published), session).await;
    read(keys.map(|key| ReviewById(ReviewId(key))), session).await;
}

fn filter() -> ReviewFilter {
    ReviewFilter {
        sentiment: Some(SentimentFilter {
            sentiments: Sentiment::ALL.into_iter().collect(),
            bands: Policy::default().bands(),
        }),
        ..ReviewFilter::default()
    }
}

fn owner(key: i64) -> Owner {
    Owner::Film(FilmId(key))
}

async fn read_pages(keys: Range<i64>, session: &Session) {
    let order = ReviewOrder::DEFAULT;
    let page = |tag| PageRequest::parse(&PageArgs::default(), tag).unwrap();
    let query = ReviewQuery {
        filter: filter(),
        order,
        page: page(order.tag()),
        columns: ReviewColumns::ALL,
    };
    let revisions = page(ReviewRevision::ORDER);
    let reviews = |key| ReviewPage {
        owner: owner(key),
        query: query.clone(),
    };
    let revisions = |key| RevisionPage {
        review: ReviewId(key),
        page: revisions.clone(),
    };
    read(keys.clone().map(reviews), session).await;
    read(keys.map(revisions), session).await;
}

async fn read_tallies(keys: Range<i64>, session: &Session) {
    let critic = |key| CriticTally(CriticId(key));
    let publication = |key| PublicationTally(PublicationId(key));
    let count = |key| ReviewCount {
        owner: owner(key),
        filter: filter(),
    };
    let tally = |key| CountedTally {
        owner: owner(key),
        counting: Counting::of_filter(filter()),
    };
    read(keys.clone().map(critic), session).await;
    read(keys.clone().map(publication), session).await;
    read(keys.clone().map(count), session).await;
    read(keys.map(tally), session).await;
}

async fn read<K: LoaderKey + Hash>(keys: impl Iterator<Item = K>, session: &Session) {
    let found = K::read(keys.collect(), session).await;
    found.unwrap_or_else(|error| panic!("{}: {error}", std::any::type_name::<K>()));
}
