//! A record of a file, as the preview of an import shows it.

use crate::{
    catalogue::{
        self, Cell, Column,
        record::{ExternalId, FilmRef, NamedRef, Record},
    },
    import::rows::RowPosition,
};

/// A record of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviewedRecord {
    /// The position of its row.
    pub position: RowPosition,
    /// The values as they would be stored, with the names of their columns in a catalogue, without blank ones.
    pub values: Vec<(&'static str, String)>,
}

impl PreviewedRecord {
    /// Creates a record from a row of a file.
    #[must_use]
    pub fn new(position: RowPosition, mut record: Record) -> Self {
        let ids = take_references(&mut record);
        let ids = ids
            .into_iter()
            .map(|(name, id)| (name, format!("{}:{}", id.source, id.id)));
        // Without its references by external id, each record has cells.
        let cells = catalogue::cells(&record).unwrap_or_default();
        let values = Column::ALL.into_iter().filter_map(|column| {
            let text = text(cells.get(column))?;
            Some((column.name(), text))
        });
        Self {
            position,
            values: values.chain(ids).collect(),
        }
    }
}

/// Takes the references by external id out of a record, for which a catalogue has no columns.
fn take_references(record: &mut Record) -> Vec<(&'static str, ExternalId)> {
    let film = |film: &mut FilmRef| film.external_id.take().map(|id| ("film_id", id));
    let critic = |critic: &mut NamedRef| critic.external_id.take().map(|id| ("critic_id", id));
    let references = match record {
        Record::Film(record) => [film(&mut record.film), None],
        Record::Critic(record) => [critic(&mut record.critic), None],
        Record::Publication(_) => [None, None],
        Record::PublishedScore(record) => [film(&mut record.film), None],
        Record::Review(record) => [
            film(&mut record.film),
            record.critic.as_mut().and_then(critic),
        ],
    };
    references.into_iter().flatten().collect()
}

/// Returns a value as text; `None` if it is blank.
fn text(cell: &Cell<'_>) -> Option<String> {
    Some(match cell {
        Cell::Blank | Cell::Invalid(_) => return None,
        Cell::Text(text) => text.clone().into_owned(),
        Cell::Number(number) => number.to_string(),
        Cell::Flag(flag) => flag.to_string(),
        Cell::List(items) if items.is_empty() => return None,
        Cell::List(items) => items.join("; "),
    })
}
