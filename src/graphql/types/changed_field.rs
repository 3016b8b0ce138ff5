//! The enums of the fields that an update can change.

/// An enum of the fields of a type that can change.
pub trait ChangedField: Sized {
    /// Returns the field of a column; `None` for an unknown column.
    fn of_column(column: &str) -> Option<Self>;

    /// Returns the fields of columns, without unknown columns.
    #[must_use]
    fn of(columns: &[String]) -> Vec<Self> {
        let columns = columns.iter();
        columns
            .filter_map(|column| Self::of_column(column))
            .collect()
    }
}
