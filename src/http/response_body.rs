//! The response of an operation as JSON: its errors, data and extensions.

use std::io::{self, Write};

use async_graphql::{ServerError, Value};
use serde::Serialize;

use crate::{document::cost::OperationCost, graphql::selection};

/// The `extensions` of a response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ResponseExtensions {
    /// The cost of the operation, if the client has requested it.
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<CostExtension>,
}

/// The cost of an operation in the response's `extensions`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct CostExtension {
    /// The part of the cost that depends only on the operation.
    base: usize,
    /// The cost that was charged before execution.
    requested: usize,
    /// The cost of the time that the execution has taken, but at least the requested cost. `None` before execution.
    #[serde(skip_serializing_if = "Option::is_none")]
    actual: Option<usize>,
    /// The maximum of `base`.
    limit: usize,
}

impl ResponseExtensions {
    /// Creates extensions with a cost and its limit, if they are requested.
    pub fn new(cost: Option<(OperationCost, usize)>) -> Self {
        Self {
            cost: cost.map(|(cost, limit)| CostExtension {
                base: cost.base,
                requested: cost.total,
                actual: None,
                limit,
            }),
        }
    }

    /// Adds the cost of the time that the execution has used, in cost units.
    #[must_use]
    pub fn with_used_units(mut self, units: u32) -> Self {
        if let Some(cost) = &mut self.cost {
            let units = usize::try_from(units).unwrap_or(usize::MAX);
            cost.actual = Some(units.max(cost.requested));
        }
        self
    }

    /// Returns whether the extensions contain the cost.
    pub fn has_cost(&self) -> bool {
        self.cost.is_some()
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The body of a response. Empty members are omitted.
#[derive(Debug)]
pub struct ResponseBody<'a> {
    /// The errors.
    pub errors: &'a [ServerError],
    /// The data; `None` if nothing was executed.
    pub data: Option<&'a Value>,
    /// The extensions.
    pub extensions: ResponseExtensions,
}

impl ResponseBody<'_> {
    /// Writes the body as JSON.
    ///
    /// # Errors
    ///
    /// When `out` can't be written to.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let mut separator = "{";
        if !self.errors.is_empty() {
            write!(out, "{separator}\"errors\":")?;
            serde_json::to_writer(&mut *out, self.errors)?;
            separator = ",";
        }
        if let Some(data) = self.data {
            write!(out, "{separator}\"data\":")?;
            selection::write(data, out)?;
            separator = ",";
        }
        if !self.extensions.is_empty() {
            write!(out, "{separator}\"extensions\":")?;
            serde_json::to_writer(&mut *out, &self.extensions)?;
            separator = ",";
        }
        out.write_all(if separator == "," { b"}" } else { b"{}" })
    }

    /// Returns the body as JSON. Writing to memory does not fail.
    pub fn to_json(&self) -> Vec<u8> {
        let mut json = Vec::new();
        self.write(&mut json).map(|()| json).unwrap_or_default()
    }
}
