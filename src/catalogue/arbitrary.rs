//! Random valid records, for property tests.

use std::num::NonZeroU16;

use chrono::NaiveDate;
use proptest::{collection::vec, option, prelude::*, sample::select, strategy::Union};

use super::record::{
    CriticRecord, ExternalId, FilmRecord, FilmRef, NamedRef, PosterRecord, PublicationRecord,
    PublishedScoreRecord, Record, ReviewRecord,
};
use crate::{
    published_score::{Audience, Kind},
    review::{
        ScoreRule,
        original_score::{self, DefaultScales},
    },
    score::{Points, Sentiment, Weight},
    text::alternative_title::AlternativeTitle,
};

/// Characters that are special in CSV, in JSON, in a list or in a spreadsheet, or are hard to encode.
const SPECIAL_CHARACTERS: [char; 16] = [
    '"', '\'', ',', ';', '[', ']', '=', '+', '-', '@', '\\', '\u{feff}', '\u{2028}', '😀', ':', ' ',
];

fn text(extra_characters: &'static [char], length: usize) -> impl Strategy<Value = String> {
    let special = select([&SPECIAL_CHARACTERS[..], extra_characters].concat());
    let any_character = any::<char>().prop_filter("a control character", |c| !c.is_control());
    vec(prop_oneof![2 => special, 1 => any_character], 1..length).prop_map(|characters| {
        let text: String = characters.into_iter().collect();
        match crate::text::normalized(text.trim()).trim() {
            "" => "=".to_owned(),
            trimmed => trimmed.to_owned(),
        }
    })
}

fn name() -> impl Strategy<Value = String> {
    // Each run of blanks in a name is one space.
    text(&[], 20).prop_map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn passage() -> impl Strategy<Value = String> {
    text(&['\n', '\t'], 60)
}

fn slug() -> impl Strategy<Value = String> {
    "[a-z0-9]{1,5}(-[a-z0-9]{1,5}){0,3}"
}

fn url() -> impl Strategy<Value = String> {
    name().prop_map(|path| format!("https://a.example/{path}"))
}

fn day() -> impl Strategy<Value = NaiveDate> {
    (1_i32..=9_999, 1_u32..=366).prop_map(|(year, day)| {
        NaiveDate::from_yo_opt(year, day)
            .unwrap_or_else(|| NaiveDate::from_yo_opt(year, 365).expect("every year has 365 days"))
    })
}

fn points() -> impl Strategy<Value = Points> {
    (0_u8..=100).prop_map(|value| Points::new(value).expect("0 to 100"))
}

fn count() -> impl Strategy<Value = u32> {
    0..=i32::MAX.unsigned_abs()
}

fn external_ids() -> impl Strategy<Value = Vec<ExternalId>> {
    let source = name().prop_filter_map("a source without a colon", |source| {
        let source = source.replace(':', "");
        let source = source.trim().to_owned();
        (!source.is_empty()).then_some(source)
    });
    vec(
        (source, name()).prop_map(|(source, id)| ExternalId { source, id }),
        0..4,
    )
}

fn film_ref() -> impl Strategy<Value = FilmRef> {
    let names = prop_oneof![
        (slug().prop_map(Some), option::of(name())),
        (option::of(slug()), name().prop_map(Some)),
    ];
    (names, option::of(1870_i16..=2200)).prop_map(|((slug, title), year)| FilmRef {
        external_id: None,
        slug,
        title,
        year,
    })
}

fn named_ref() -> impl Strategy<Value = NamedRef> {
    film_ref().prop_map(|film| NamedRef {
        external_id: None,
        slug: film.slug,
        name: film.title,
        url: None,
    })
}

fn film() -> impl Strategy<Value = Record> {
    (
        film_ref(),
        external_ids(),
        option::of(day()),
        option::of(1..=i32::MAX),
        vec(name(), 0..4),
        vec(name(), 0..4),
        option::of(passage()),
        option::of(url()),
        (vec(name(), 0..4), vec(name(), 0..4), titles(), poster()),
    )
        .prop_map(
            |(
                mut film,
                external_ids,
                release_date,
                runtime_minutes,
                directors,
                genres,
                synopsis,
                url,
                (countries, cast, mut alternative_titles, poster),
            )| {
                alternative_titles.retain(|title| Some(title) != film.title.as_ref());
                film.year = film.year.or(release_date.and_then(crate::film::year_of));
                Record::Film(FilmRecord {
                    film,
                    external_ids,
                    release_date,
                    runtime_minutes,
                    directors,
                    genres,
                    synopsis,
                    url,
                    countries,
                    cast,
                    alternative_titles,
                    poster,
                })
            },
        )
}

/// Different titles, as the text that they are written as.
fn titles() -> impl Strategy<Value = Vec<String>> {
    let language = option::of(select(vec!["da", "pt-BR", "zh-Hant"]));
    let titles = prop::collection::btree_map(name(), language, 0..4);
    titles.prop_map(|titles| {
        let titles = titles.into_iter().map(|(title, language)| {
            let language = language.map(str::to_owned);
            AlternativeTitle { title, language }.to_string()
        });
        titles.collect()
    })
}

fn poster() -> impl Strategy<Value = PosterRecord> {
    let pixels = || option::of(1..=100_000);
    (option::of(url()), pixels(), pixels(), option::of(name())).prop_map(
        |(url, width, height, alt)| PosterRecord {
            url,
            width,
            height,
            alt,
        },
    )
}

fn critic() -> impl Strategy<Value = Record> {
    (named_ref(), external_ids(), option::of(url())).prop_map(|(critic, external_ids, url)| {
        Record::Critic(CriticRecord {
            critic,
            external_ids,
            url,
        })
    })
}

fn publication() -> impl Strategy<Value = Record> {
    (named_ref(), option::of(url()), option::of(1..=10_000)).prop_map(
        |(publication, url, hundredths)| {
            Record::Publication(PublicationRecord {
                publication,
                url,
                weight: hundredths.and_then(Weight::from_hundredths),
            })
        },
    )
}

fn published_score() -> impl Strategy<Value = Record> {
    let scale = (1_u16..=1_000).prop_map(NonZeroU16::new);
    let scale = prop_oneof![Just(None), scale];
    let value = (points(), scale, option::of(name()))
        .prop_map(|(points, scale, original)| (Some(points), scale, original))
        .boxed();
    let no_value = Just((None, None, None));
    let value_and_label = prop_oneof![
        (value.clone(), option::of(name())),
        (no_value, name().prop_map(Some)),
    ];
    let audience = select(vec![Audience::Critics, Audience::Public]);
    let kind = select(vec![Kind::Score, Kind::PercentRecommended]);
    let counts = [(); 4].map(|()| option::of(count()));
    (film_ref(), name(), kind, audience, value_and_label, counts).prop_map(
        |(film, source, kind, audience, ((value, scale, original_value), label), counts)| {
            let [review_count, positive_count, mixed_count, negative_count] = counts;
            Record::PublishedScore(PublishedScoreRecord {
                film,
                source,
                kind,
                audience,
                value,
                scale,
                original_value,
                label,
                review_count,
                positive_count,
                mixed_count,
                negative_count,
            })
        },
    )
}

/// A score with its rule, and the original score. If there is no score, the original score matches no rule.
fn scored() -> impl Strategy<Value = (Option<(Points, ScoreRule)>, Option<String>)> {
    let rule = select(vec![
        ScoreRule::Given,
        ScoreRule::Fraction,
        ScoreRule::Stars,
        ScoreRule::Letter,
        ScoreRule::Percent,
    ]);
    let original = prop_oneof![Just("4/5".to_owned()), name()];
    let is_unreadable =
        |text: &String| original_score::read(text, &DefaultScales::default()).is_err();
    let unreadable = name().prop_filter("a score that is read", is_unreadable);
    prop_oneof![
        ((points(), rule).prop_map(Some), option::of(original)),
        (Just(None), option::of(unreadable)),
    ]
}

/// The fields of a review that judge the film.
fn judgement() -> impl Strategy<Value = ReviewRecord> {
    let sentiments = vec![Sentiment::Positive, Sentiment::Mixed, Sentiment::Negative];
    let sentiment = option::of(select(sentiments));
    (
        scored(),
        sentiment,
        option::of(any::<bool>()),
        any::<bool>(),
    )
        .prop_map(
            |((scored, original_score), sentiment, recommended, top_critic)| {
                let (score, score_rule) = scored.unzip();
                ReviewRecord {
                    score,
                    original_score,
                    score_rule,
                    sentiment,
                    recommended,
                    top_critic,
                    ..ReviewRecord::default()
                }
            },
        )
}

fn review() -> impl Strategy<Value = Record> {
    let source = option::of((name(), option::of(name())));
    let references = (film_ref(), option::of(named_ref()), option::of(named_ref()));
    let texts = (option::of(name()), option::of(passage()), option::of(url()));
    (judgement(), references, texts, option::of(day()), source).prop_map(
        |(judgement, (film, critic, publication), (byline, excerpt, url), reviewed_on, source)| {
            let (source, external_id) = source.unzip();
            let mut review = ReviewRecord {
                film,
                critic,
                publication,
                byline,
                excerpt,
                url,
                reviewed_on,
                source,
                external_id: external_id.flatten(),
                ..judgement
            };
            if !review.has_content() {
                review.recommended = Some(true);
            }
            Record::Review(review)
        },
    )
}

/// Any record.
pub(super) fn record() -> impl Strategy<Value = Record> {
    Union::new([
        film().boxed(),
        critic().boxed(),
        publication().boxed(),
        published_score().boxed(),
        review().boxed(),
    ])
}
