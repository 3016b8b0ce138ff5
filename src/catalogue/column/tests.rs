use std::collections::HashMap;

use super::*;

#[test]
fn a_column_is_found_by_its_name_whatever_the_case_and_separators() {
    for column in Column::ALL {
        assert_eq!(Column::find(column.name()), Some(column));
        assert_eq!(Column::ALL[column.index()], column);
        for start in 0..=Column::ALL.len() {
            assert_eq!(Column::find_exact(column.name(), start), Some(column));
        }
    }
    for header in [
        "Reviewed On",
        "reviewedOn",
        "reviewed-on",
        "\u{feff}REVIEWED_ON",
        " reviewed  on ",
    ] {
        assert_eq!(Column::find(header), Some(Column::ReviewedOn), "{header}");
    }
    assert_eq!(Column::find_exact("Film", 0), None);
}

#[test]
fn a_column_is_found_by_its_aliases() {
    for (header, column) in [
        ("Movie Title", Column::Film),
        ("name of film", Column::Film),
        ("Year", Column::FilmYear),
        ("Reviewer", Column::Critic),
        ("source_name", Column::Publication),
        ("Rating", Column::OriginalScore),
        ("Quote", Column::Excerpt),
        ("Link", Column::Url),
        ("publicationDate", Column::ReviewedOn),
        ("ID", Column::ExternalId),
        ("isFresh", Column::Recommended),
        ("is-top-critic", Column::TopCritic),
        ("Director", Column::Directors),
    ] {
        assert_eq!(Column::find(header), Some(column), "{header}");
    }
    for header in ["", "_", "name", "films", "filmé"] {
        assert_eq!(Column::find(header), None, "{header}");
    }
}

#[test]
fn names_and_aliases_are_unique() {
    let mut owners = HashMap::new();
    for column in Column::ALL {
        for name in [column.name()].iter().chain(column.aliases()) {
            let earlier = owners.insert(letters(name).collect::<String>(), column);
            assert_eq!(earlier, None, "{name}");
        }
    }
}

#[test]
fn a_description_is_one_sentence() {
    for description in Column::ALL.map(Column::description) {
        assert!(
            description.ends_with('.') && !description.contains(". "),
            "{description}"
        );
    }
}
