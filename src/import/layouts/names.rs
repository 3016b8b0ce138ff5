//! The names of the columns of a table.

use std::collections::HashMap;

use super::{grade_parts, meaning::GRADE};
use crate::{
    catalogue::{Column, translated_column},
    review::original_score::scale_of_name,
    text::folded,
};

/// Returns the names of columns, each once: the second column of a name has its number behind it, `Rating#2`, by which the
/// caller can name it.
pub(super) fn unique(header: &[String]) -> Vec<String> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    let names = header.iter().map(|name| {
        let key = folded(name.trim());
        let count = counts.entry(key.clone()).or_default();
        *count += 1;
        if *count == 1 || key.is_empty() {
            name.clone()
        } else {
            format!("{}#{count}", name.trim())
        }
    });
    names.collect()
}

/// The words that mean the grade where other names are German, French, Spanish or Italian, and a remark where they are not.
const GRADES: [&str; 2] = ["note", "nota"];

/// Returns the column of the catalogue with a name in a table with these names. `type` is too common in other tables to
/// mean the kind of the row. A grade may state its scale, `Stars (out of 5)`, or be the value of an object, `rating.value`.
pub(super) fn known(name: &str, header: &[String]) -> Option<Column> {
    plainly_known(name, header).or_else(|| {
        let grade = |name: &str| {
            let is_other_word = || GRADES.contains(&folded(name.trim()).as_str());
            let column = plainly_known(name, header);
            column.is_some_and(is_grade) || is_other_word()
        };
        let (named, _) = scale_of_name(name).unzip();
        let object = grade_parts::object_of(name);
        (named.is_some_and(grade) || object.is_some_and(grade)).then_some(Column::OriginalScore)
    })
}

fn is_grade(column: Column) -> bool {
    GRADE.contains(column)
}

fn plainly_known(name: &str, header: &[String]) -> Option<Column> {
    let is_grade = || {
        let is_other = |other: &String| translated_column(other).is_some();
        let mut grades = GRADES.iter();
        grades.any(|grade| grade.eq_ignore_ascii_case(name.trim())) && header.iter().any(is_other)
    };
    let column = Column::find(name)
        .or_else(|| translated_column(name))
        .or_else(|| is_grade().then_some(Column::OriginalScore));
    column.filter(|column| *column != Column::Kind || name.trim() == column.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_name_has_its_number() {
        let header = ["Title", "title ", "", "", "Rating", "Title"].map(str::to_owned);
        assert_eq!(
            unique(&header),
            ["Title", "title#2", "", "", "Rating", "Title#3"]
        );
    }

    #[test]
    fn names_of_other_languages_are_known() {
        assert_eq!(known("Année de sortie", &[]), Some(Column::FilmYear));
        assert_eq!(known("Bewertung", &[]), Some(Column::OriginalScore));
        assert_eq!(known("type", &[]), None);
        assert_eq!(known("kind", &[]), Some(Column::Kind));
        let header = |name: &str| [name.to_owned(), "Note".to_owned()];
        assert_eq!(known("Note", &header("Titre")), Some(Column::OriginalScore));
        assert_eq!(known("Note", &header("Title")), None);
    }

    #[test]
    fn a_name_with_a_scale_is_that_of_a_grade() {
        for name in [
            "Stars (out of 5)",
            "Score /10",
            "Note sur 20",
            "Rating (1-10)",
            "rating.value",
            "reviewRating.ratingValue",
            "Étoiles (sur 5)",
        ] {
            assert_eq!(known(name, &[]), Some(Column::OriginalScore), "{name}");
        }
        for name in [
            "Page /10",
            "aggregateRating.ratingValue",
            "seat.value",
            "Note",
        ] {
            assert_eq!(known(name, &[]), None, "{name}");
        }
    }

    #[test]
    fn accents_may_be_encoded_in_two_ways() {
        assert_eq!(known("Anne\u{301}e", &[]), Some(Column::FilmYear));
        let header = ["Année", "Anne\u{301}e"].map(str::to_owned);
        assert_eq!(unique(&header)[1], "Anne\u{301}e#2");
    }
}
