//! The names of the columns of a table.

use std::collections::HashMap;

use crate::catalogue::{Column, translated_column};

/// Returns the names of columns, each once: the second column of a name has its number behind it, `Rating#2`, by which the
/// caller can name it.
pub(super) fn unique(header: &[String]) -> Vec<String> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    let names = header.iter().map(|name| {
        let key = name.trim().to_ascii_lowercase();
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
/// mean the kind of the row.
pub(super) fn known(name: &str, header: &[String]) -> Option<Column> {
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
}
