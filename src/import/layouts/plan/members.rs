//! The persons whose reviews tables have that don't name them.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::super::{
    PlanError,
    choices::is_same_name,
    description::{Member, RowsOf},
    mapping::Mapping,
};
use crate::import::{rows::FileError, table::Table};

/// The persons whose reviews the tables have that name none.
pub(super) enum Members {
    /// The one that the caller names.
    Given(String),
    /// The member of each export, by the folder or the archive of its tables.
    OfExports(BTreeMap<PathBuf, String>),
}

impl Members {
    /// Returns the critic whom the caller names, or the members that tables of exports say.
    pub fn find(critic: Option<&String>, mapped: &[(Mapping, Table)]) -> Result<Self, PlanError> {
        match critic {
            Some(critic) => Ok(Self::Given(critic.clone())),
            None => of_exports(mapped).map(Self::OfExports),
        }
    }

    /// Returns the critic of all reviews of a table, or of those that name none.
    pub fn of(&self, mapping: &Mapping) -> Result<Option<String>, PlanError> {
        if mapping.rows != RowsOf::Reviews || mapping.has_kinds() {
            return Ok(None);
        }
        let member = match self {
            Self::Given(name) => Some(name),
            Self::OfExports(_) if mapping.names_critics() => return Ok(None),
            // The member of another site's export is another person, as far as the tables say.
            Self::OfExports(_) if mapping.layout.member.is_none() => None,
            Self::OfExports(members) => members.get(&export_of(&mapping.table)),
        };
        if member.is_none() && mapping.layout.member == Some(Member::Required) {
            return Err(PlanError::NoMember {
                table: mapping.table.clone(),
            });
        }
        Ok(member.cloned())
    }
}

fn export_of(table: &str) -> PathBuf {
    let parent = Path::new(table).parent();
    parent.map(Path::to_owned).unwrap_or_default()
}

fn of_exports(mapped: &[(Mapping, Table)]) -> Result<BTreeMap<PathBuf, String>, PlanError> {
    let mut members = BTreeMap::new();
    for (mapping, table) in mapped {
        if mapping.layout.member_name.is_empty() {
            continue;
        }
        let mut rows = table.rows()?;
        let row = rows.next_row();
        let row = row.map_err(|error| FileError::new(table.name(), &error))?;
        let Some(row) = row else { continue };
        let cells: Vec<&str> = row.cells().collect();
        for columns in &mapping.layout.member_name {
            let parts = columns.iter().filter_map(|column| {
                let index = mapping
                    .header
                    .iter()
                    .position(|name| is_same_name(name, column))?;
                cells.get(index).map(|cell| cell.trim())
            });
            let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
            if !parts.is_empty() {
                members.insert(export_of(table.name()), parts.join(" "));
                break;
            }
        }
    }
    Ok(members)
}
