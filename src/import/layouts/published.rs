//! The scores that a table has for films.

use super::description::PublishedRule;
use crate::{
    catalogue::{Cell, Cells, Column},
    published_score::{Audience, Kind},
};

/// A score of a table, by the indexes of its columns.
#[derive(Clone)]
pub(super) struct MappedPublished {
    pub rule: PublishedRule,
    pub value: usize,
    pub parts: Vec<(usize, Column)>,
}

impl MappedPublished {
    /// Finds the columns of a score; `None` if the table doesn't have it.
    pub fn new(rule: &PublishedRule, index: &impl Fn(&str) -> Option<usize>) -> Option<Self> {
        let parts = rule.parts().filter_map(|(column, part)| {
            let index = index(column)?;
            Some((index, Column::find(part)?))
        });
        Some(Self {
            value: index(&rule.column)?,
            parts: parts.collect(),
            rule: rule.clone(),
        })
    }

    /// Returns the cells of the record with the value in `text`. The film is added by the caller.
    pub fn cells<'a>(&'a self, text: &'a str, row: &[&'a str]) -> Cells<'a> {
        let measure = match self.rule.measure {
            Kind::Score => "score",
            Kind::PercentRecommended => "percent_recommended",
        };
        let audience = match self.rule.audience {
            Audience::Critics => "critics",
            Audience::Public => "public",
        };
        let mut cells = Cells::new();
        for (column, text) in [
            (Column::Kind, "published_score"),
            (Column::Measure, measure),
            (Column::Audience, audience),
            (Column::Source, &self.rule.source),
            (Column::OriginalScore, text),
        ] {
            cells.insert(column, Cell::text(text));
        }
        let scale = self.rule.out_of.to_string();
        cells.insert(Column::Scale, Cell::Text(scale.into()));
        for (index, column) in &self.parts {
            let text = row.get(*index).copied().unwrap_or_default();
            cells.insert(*column, Cell::text(text));
        }
        cells
    }

    /// Returns who gave the scores, for the plan.
    pub fn publisher(&self) -> String {
        let source = &self.rule.source;
        match self.rule.audience {
            Audience::Critics => format!("{source}'s critics"),
            Audience::Public => format!("{source}'s public"),
        }
    }

    /// Returns the description for the plan.
    pub fn description(&self) -> String {
        let kind = match self.rule.measure {
            Kind::Score => "published score",
            Kind::PercentRecommended => "published percent",
        };
        format!("{kind} of {}, of {}", self.publisher(), self.rule.out_of)
    }
}
