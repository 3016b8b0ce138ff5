//! The columns of the tables for which the files of an import have values.
//!
//! A row changes the columns that its own file has. A file that lacks a column changes none of its values.

use crate::import::rows::{RowPosition, TableColumns};

/// The columns of each file, in the order of the files.
pub struct FileColumns<'f>(&'f [TableColumns]);

/// A column of a table.
#[derive(Clone, Debug)]
pub struct FileColumn {
    /// The name.
    pub name: &'static str,
    /// The numbers of the files that have the column; `None` if all have it.
    files: Option<Vec<usize>>,
}

impl<'f> FileColumns<'f> {
    /// Creates the columns from those of each file.
    pub const fn new(files: &'f [TableColumns]) -> Self {
        Self(files)
    }

    /// Returns the columns of a table that any file has.
    pub fn of(&self, table: impl Fn(&TableColumns) -> &[&'static str]) -> Vec<FileColumn> {
        let mut names: Vec<&'static str> = Vec::new();
        for name in self.0.iter().flat_map(&table) {
            if !names.contains(name) {
                names.push(name);
            }
        }
        let columns = names.into_iter().map(|name| {
            let files = self.0.iter().enumerate();
            let files = files.filter(|(_, columns)| table(columns).contains(&name));
            let files: Vec<usize> = files.map(|(number, _)| number).collect();
            FileColumn {
                name,
                files: (files.len() < self.0.len()).then_some(files),
            }
        });
        columns.collect()
    }
}

impl FileColumn {
    /// Returns the expression for the value of the column after an update: `given` if the file of the row at this position
    /// has the column, else `stored`.
    pub fn new_value(&self, position: &str, given: &str, stored: &str) -> String {
        match &self.files {
            None => given.to_owned(),
            Some(files) => format!(
                "CASE WHEN {} IN ({}) THEN {given} ELSE {stored} END",
                file_number(position),
                list(files)
            ),
        }
    }

    /// Returns the condition that a file of an array has the column. The array is null if it is empty.
    pub fn is_in_any(&self, array: &str) -> String {
        match &self.files {
            None => format!("{array} IS NOT NULL"),
            Some(files) => format!(
                "coalesce({array} && '{{{}}}'::bigint[], false)",
                list(files)
            ),
        }
    }
}

/// Returns the expression for the number of the file of a row.
pub fn file_number(position: &str) -> String {
    format!("{position} / {}", RowPosition::LINES_PER_FILE)
}

fn list(files: &[usize]) -> String {
    let files: Vec<String> = files.iter().map(usize::to_string).collect();
    files.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_that_some_files_have_depends_on_the_file_of_the_row() {
        let file = |film: &[&'static str]| TableColumns {
            film: film.to_vec(),
            ..TableColumns::default()
        };
        let files = [file(&["url", "genres"]), file(&[]), file(&["genres"])];
        let of = |files: &[TableColumns]| FileColumns::new(files).of(|columns| &columns.film);
        let [url, genres] = &of(&files)[..] else {
            panic!("not two columns");
        };
        assert_eq!([url.name, genres.name], ["url", "genres"]);
        assert_eq!(
            genres.new_value("position", "new", "old"),
            "CASE WHEN position / 281474976710656 IN (0, 2) THEN new ELSE old END"
        );
        assert_eq!(
            url.is_in_any("lists"),
            "coalesce(lists && '{0}'::bigint[], false)"
        );
        let [alone] = &of(&files[2..])[..] else {
            panic!("not one column");
        };
        assert_eq!(alone.new_value("position", "new", "old"), "new");
        assert_eq!(alone.is_in_any("lists"), "lists IS NOT NULL");
    }
}
