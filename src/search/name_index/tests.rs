use proptest::prelude::*;

use super::*;

fn row(kind: NameKind, id: i64, name: &str, review_count: u32) -> NamedRow {
    NamedRow {
        kind,
        id,
        name: name.to_owned(),
        others: Vec::new(),
        review_count,
    }
}

fn films(names: &[&str]) -> NameIndex {
    let rows = (1..).zip(names);
    NameIndex::of(
        rows.map(|(id, name)| row(NameKind::Film, id, name, 0))
            .collect(),
    )
}

fn ids(index: &NameIndex, text: &str, kinds: KindSet) -> Vec<i64> {
    let text = SearchText::parse(text).unwrap();
    let matches = index.search(&text, kinds);
    matches.hits.iter().map(|hit| hit.id).collect()
}

#[test]
fn names_are_found_in_every_script() {
    let index = films(&[
        "Pelé Eterno",
        "Ο ΔΡΟΜΟΣ",
        "История одной зимы",
        "Straßen im Regen",
        "東京の雨",
        "기생하는 봄",
        "Łódź by Night",
        "ฝนตก",
    ]);
    for (text, id) in [
        ("pele", 1),
        ("δρομος", 2),
        ("истор", 3),
        ("strassen", 4),
        ("東京", 5),
        ("기생하", 6),
        ("lodz", 7),
        ("ฝน", 8),
    ] {
        assert_eq!(ids(&index, text, KindSet::ALL), [id], "{text}");
    }
}

#[test]
fn a_row_is_found_once_by_any_of_its_names() {
    let titled = |others: &[&str]| NamedRow {
        others: others.iter().map(|other| (*other).to_owned()).collect(),
        ..row(NameKind::Film, 1, "Amber Tide", 3)
    };
    let mut index = NameIndex::of(vec![
        titled(&["Ravtidevann", "Maré de Âmbar", "amber tide", " "]),
        row(NameKind::Film, 2, "Glass Meadow", 9),
    ]);
    for (text, found) in [
        ("ravtidevann", &[1][..]),
        ("mare de ambar", &[1]),
        ("amber tide", &[1]),
        ("amber", &[1]),
    ] {
        assert_eq!(ids(&index, text, KindSet::ALL), found, "{text}");
    }
    assert_eq!(index.len(), 2);
    index.insert(titled(&["Maré de Âmbar"]));
    assert_eq!(ids(&index, "ravtidevann", KindSet::ALL), [0_i64; 0]);
    assert_eq!(ids(&index, "mare de ambar", KindSet::ALL), [1]);
    index.remove(NameKind::Film, 1);
    assert_eq!(ids(&index, "mare de ambar", KindSet::ALL), [0_i64; 0]);
    assert_eq!((index.others.len(), index.free.len()), (0, 3));
}

#[test]
fn of_equal_names_films_come_first_and_then_the_better_known() {
    let index = NameIndex::of(vec![
        row(NameKind::Publication, 1, "Aurora", 900),
        row(NameKind::Critic, 2, "Aurora", 10),
        row(NameKind::Film, 3, "Aurora", 3),
        row(NameKind::Film, 4, "AURORA", 8),
        row(NameKind::Film, 5, "Aurora", 8),
        row(NameKind::Film, 6, "Aurora Park", 99),
    ]);
    assert_eq!(ids(&index, "aurora", KindSet::ALL), [4, 5, 3, 2, 1, 6]);
    let critics = [crate::search::SearchKind::Critic].into_iter().collect();
    assert_eq!(ids(&index, "aurora", critics), [2]);
}

#[test]
fn at_most_a_hundred_names_are_found() {
    let names: Vec<NamedRow> = (1..=1_000)
        .map(|id| row(NameKind::Film, id, "Same Name", u32::try_from(id).unwrap()))
        .collect();
    let index = NameIndex::of(names);
    let text = SearchText::parse("same name").unwrap();
    let matches = index.search(&text, KindSet::ALL);
    assert_eq!(matches.hits.len(), MAX_HITS);
    // The best known are among them.
    assert_eq!(matches.hits[0].id, 1_000);
    assert!(matches.depends_on_other_counts);
}

#[test]
fn an_empty_index_finds_nothing() {
    assert_eq!(ids(&NameIndex::default(), "anything", KindSet::ALL), [0; 0]);
}

/// A change of a name: the row, and its new name and number of reviews, or `None` if it is deleted.
type Change = (NameKind, i64, Option<(String, u32)>);

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let kind = prop::sample::select(NameKind::ALL.to_vec());
    let name = prop::option::weighted(
        0.8,
        ("[a-c]{1,3}( [a-cé]{1,4}){0,2}|[東京語]{1,3}", 0..5_u32),
    );
    prop::collection::vec((kind, 1..12_i64, name), 0..60)
}

proptest! {
    #[test]
    fn an_index_after_changes_equals_one_of_the_rows(changes in changes(), text in "[a-c]{1,4}( [a-c]{1,3})?|[東京]{1,2}") {
        let mut index = NameIndex::default();
        let mut rows = std::collections::BTreeMap::new();
        for (kind, id, change) in changes {
            if let Some((name, review_count)) = change {
                index.insert(row(kind, id, &name, review_count));
                rows.insert((kind, id), row(kind, id, &name, review_count));
            } else {
                index.remove(kind, id);
                rows.remove(&(kind, id));
            }
        }
        let anew = NameIndex::of(rows.into_values().collect());
        prop_assert_eq!(index.len(), anew.len());
        let text = SearchText::parse(&text).unwrap();
        prop_assert_eq!(index.search(&text, KindSet::ALL), anew.search(&text, KindSet::ALL));
        let postings = |index: &NameIndex| {
            let postings = index.postings.iter();
            let postings = postings.map(|(trigram, numbers)| {
                let rows = numbers.iter().map(|number| index.entry(*number).map(|entry| (entry.kind, entry.id)));
                (*trigram, rows.collect::<std::collections::BTreeSet<_>>())
            });
            postings.collect::<std::collections::BTreeMap<_, _>>()
        };
        prop_assert_eq!(postings(&index), postings(&anew));
    }
}
