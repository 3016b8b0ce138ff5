//! The names that people mean who make typing errors are found, and come first.

#[path = "../../../benches/search/misspelt.rs"]
mod texts;

use std::collections::BTreeMap;

use marquee::{
    search::{
        KindSet, SearchText,
        name_index::{NameIndex, NamedRow},
    },
    text::search::fold,
};

use self::texts::{Misspelt, misspelt, names};

/// The shares of a list that are found among the first five, and as the first.
struct Recall {
    among_five: f64,
    first: f64,
}

/// Searches for texts. Prints the recall by kind of error, and the texts whose name isn't first.
fn recall(index: &NameIndex, names: &[NamedRow], texts: &[Misspelt]) -> Recall {
    let names: BTreeMap<i64, String> = names.iter().map(|row| (row.id, fold(&row.name))).collect();
    let mut counts: BTreeMap<_, (u32, u32, u32)> = BTreeMap::new();
    for Misspelt { error, text, name } in texts {
        let meant = fold(name);
        let matches = index.search(&SearchText::parse(text).unwrap(), KindSet::ALL);
        let mut found = matches.hits.iter().take(5).map(|hit| &names[&hit.id]);
        let place = found.position(|name| *name == meant);
        let (all, five, first) = counts.entry(*error).or_default();
        *all += 1;
        *five += u32::from(place.is_some());
        *first += u32::from(place == Some(0));
        if place != Some(0) {
            let best = matches
                .hits
                .first()
                .map(|hit| (hit.points, &names[&hit.id]));
            println!("{error}: {text:?} means {name:?} ({place:?}), and finds {best:?}");
        }
    }
    for (error, (all, five, first)) in &counts {
        println!("{error}: {five} of {all} among five, {first} first");
    }
    let sum = counts.values().fold((0, 0, 0), |sum, count| {
        (sum.0 + count.0, sum.1 + count.1, sum.2 + count.2)
    });
    let share = |count: u32| f64::from(count) / f64::from(sum.0);
    Recall {
        among_five: share(sum.1),
        first: share(sum.2),
    }
}

#[test]
fn most_misspelt_names_come_first() {
    let names = names();
    assert_eq!(names.len(), 65_500);
    let index = NameIndex::of(names.clone());
    assert_eq!(index.len(), names.len());
    let bytes = index.bytes();
    println!("{bytes} bytes");
    assert!(bytes <= 30 << 20, "{bytes} bytes");
    for seed in [1, 2] {
        let texts = misspelt(&names, seed);
        assert_eq!(texts.len(), 500);
        let Recall { among_five, first } = recall(&index, &names, &texts);
        println!("{among_five} among the first five, {first} first");
        assert!(among_five >= 0.97, "{among_five}");
        assert!(first >= 0.95, "{first}");
    }
}

#[test]
fn exact_names_come_first_and_nonsense_finds_nothing() {
    let names = names();
    let index = NameIndex::of(names.clone());
    for row in names.iter().step_by(131) {
        let text = SearchText::parse(&row.name).unwrap();
        let matches = index.search(&text, KindSet::ALL);
        let best = matches.hits.first().map(|hit| hit.points);
        assert_eq!(best, Some(marquee::search::ranking::EQUAL), "{}", row.name);
    }
    for text in [
        "qxzv kjwq",
        "zzzzzzzz",
        "xkcdqp",
        "жжщщъъ",
        "ψψξξ ζζζζ",
        "龍鬱",
    ] {
        let matches = index.search(&SearchText::parse(text).unwrap(), KindSet::ALL);
        assert_eq!(matches.hits, [], "{text}");
    }
}
