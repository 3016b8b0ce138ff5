//! `import FILE…` of any table: no panic, no invented review, and the same plan twice.

use std::{fs, ops::ControlFlow};

use marquee::{
    catalogue::{
        Column, ReadingOptions,
        record::{Record, ReviewRecord},
    },
    import::{
        layouts::{self, Choices, FilesImport, Layout, Plan, RowsAs},
        rows::RowSource,
        table::TableOptions,
    },
};
use proptest::{collection::vec, option, prelude::*, sample::select};

/// Returns the names of the columns of a layout, of which those that it requires come first.
fn names_of(layout: &Layout) -> (Vec<String>, Vec<String>) {
    let published = layout.published.iter().map(|rule| &rule.column);
    let others = layout.columns.keys().chain(layout.not_read.keys());
    let left_out = layout.leave_out.iter().map(|rule| &rule.column);
    let others = others.chain(published).chain(left_out).cloned();
    (layout.required.clone(), others.collect())
}

/// A header: that of a layout with some of its other columns, or columns of the catalogue, in any order.
fn header() -> impl Strategy<Value = Vec<String>> {
    let layouts: Vec<_> = layouts::all().unwrap().iter().map(names_of).collect();
    let columns = Column::ALL.into_iter();
    let columns = columns.flat_map(|column| [&[column.name()], column.aliases()].concat());
    let mut names: Vec<String> = columns.map(str::to_owned).collect();
    names.extend(["Titel", "Bewertung", "Jahr", "unheard of", ""].map(str::to_owned));
    let of_layout = select(layouts).prop_flat_map(|(required, others)| {
        let more = vec(select([required.clone(), others].concat()), 0..4);
        more.prop_map(move |more| {
            let mut header = required.clone();
            header.extend(more);
            header
        })
    });
    let of_catalogue = vec(select(names), 1..7).prop_map(|mut names| {
        names.push("film".to_owned());
        names
    });
    prop_oneof![of_layout, of_catalogue].prop_shuffle()
}

fn cell() -> impl Strategy<Value = String> {
    let known = select(vec![
        "",
        "",
        "n/a",
        "#N/A",
        "#REF!",
        "-",
        "4.5",
        "4/5",
        "B+",
        "67%",
        "101",
        "2019",
        "2021-03-06",
        "3/4/2021",
        "13/4/2021",
        "8. März 2021",
        "Amber Tide",
        "Amber Tide (2019)",
        "By Nora Merrow",
        "Staff",
        "<b>Slow</b> water.",
        "Fresh",
        "none",
        "ja",
        "tt8000001",
        "https://salt.example/r1",
        "movie",
        "tvSeries",
        "['Drama', 'Crime']",
        "film",
        "review",
    ]);
    prop_oneof![9 => known.prop_map(str::to_owned), 1 => any::<String>()]
}

/// Returns whether a review says something that only a review says, beside the critic if the caller names one.
fn says_something(review: &ReviewRecord, has_member: bool) -> bool {
    review.critic.is_some() && !has_member
        || review.publication.is_some()
        || review.score.is_some()
        || review.original_score.is_some()
        || review.sentiment.is_some()
        || review.recommended.is_some()
        || review.byline.is_some()
        || review.excerpt.is_some()
        || review.reviewed_on.is_some()
}

fn choices() -> impl Strategy<Value = Choices> {
    let rows = select(vec![None, None, Some(RowsAs::Films), Some(RowsAs::Reviews)]);
    let scale = option::of(1..=100_u16);
    let critic = option::of(Just("Nora Merrow".to_owned()));
    (rows, scale, critic).prop_map(|(rows, scale, critic)| Choices {
        rows,
        critic,
        source: Some("list".to_owned()),
        bare_scores_out_of: scale.and_then(std::num::NonZeroU16::new),
        ..Choices::default()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_table_is_planned_the_same_twice_and_gives_no_empty_review(
        header in header(),
        rows in vec(vec(cell(), 12), 0..8),
        choices in choices(),
    ) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("list.csv");
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&header).unwrap();
        for row in &rows {
            let cells = row.iter().map(String::as_str).chain(std::iter::repeat(""));
            writer.write_record(cells.take(header.len())).unwrap();
        }
        fs::write(&path, writer.into_inner().unwrap()).unwrap();
        let plan = || {
            let tables = layouts::open(std::slice::from_ref(&path), &TableOptions::default());
            tables.and_then(|tables| Plan::make(tables, &choices))
        };
        let (first, second) = match (plan(), plan()) {
            (Ok(first), Ok(second)) => (first, second),
            (first, second) => {
                let error = first.err().map(|error| error.to_string());
                prop_assert_eq!(&error, &second.err().map(|error| error.to_string()));
                prop_assert!(error.is_some_and(|error| !error.is_empty()));
                return Ok(());
            }
        };
        prop_assert_eq!(first.to_string(), second.to_string());
        let notes = first.tables.iter().flat_map(|table| &table.notes);
        let has_member = notes.into_iter().any(|note| note.starts_with("the critic of all reviews is"));
        let mut import = FilesImport::new(first, &choices, ReadingOptions::default());
        let mut found = Ok(());
        let read = import.read(&mut |row| {
            found = match &row.content {
                Ok(valid) => match &valid.record {
                    Record::Review(review) if !says_something(review, has_member) => Err(format!("{review:?}")),
                    _ => Ok(()),
                },
                Err(invalid) if invalid.errors.iter().any(|error| error.reason.is_empty()) => {
                    Err(format!("{invalid:?}"))
                }
                Err(_) => Ok(()),
            };
            if found.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        prop_assert!(read.is_ok() && found.is_ok(), "{:?} {:?}", read, found);
    }
}
