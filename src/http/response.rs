//! The response of an operation as JSON: its errors, its data, and what is told beside them.

use std::io::{self, Write};

use async_graphql::{ServerError, Value};
use serde::Serialize;

use crate::graphql::selection;

/// What an answer tells beside its data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Extensions {
    /// What the operation cost, if its client wanted to know.
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<ToldCost>,
}

/// What an operation cost, as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct ToldCost {
    /// What it cost.
    requested: usize,
    /// The most that one may.
    limit: usize,
}

impl Extensions {
    /// With a cost and its limit, if they are to be told.
    pub fn new(cost: Option<(usize, usize)>) -> Self {
        Self {
            cost: cost.map(|(requested, limit)| ToldCost { requested, limit }),
        }
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A response. What is empty is left out.
#[derive(Debug)]
pub struct Body<'a> {
    /// What went wrong.
    pub errors: &'a [ServerError],
    /// What was executed; `None` when nothing was.
    pub data: Option<&'a Value>,
    /// What is told beside.
    pub extensions: Extensions,
}

impl Body<'_> {
    /// Writes it as JSON.
    ///
    /// # Errors
    ///
    /// When it can't be written to.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let mut before = "{";
        if !self.errors.is_empty() {
            write!(out, "{before}\"errors\":")?;
            serde_json::to_writer(&mut *out, self.errors)?;
            before = ",";
        }
        if let Some(data) = self.data {
            write!(out, "{before}\"data\":")?;
            selection::write(data, out)?;
            before = ",";
        }
        if !self.extensions.is_empty() {
            write!(out, "{before}\"extensions\":")?;
            serde_json::to_writer(&mut *out, &self.extensions)?;
            before = ",";
        }
        out.write_all(if before == "," { b"}" } else { b"{}" })
    }

    /// It as JSON. Memory takes whatever is written.
    pub fn to_json(&self) -> Vec<u8> {
        let mut json = Vec::new();
        self.write(&mut json).map(|()| json).unwrap_or_default()
    }
}
