//! Tracing spans of an execution: one span for each level instead of one for each field.
//!
//! A page of a hundred films with their reviews has thousands of fields, and a span for each would cost more than the
//! field itself. All fields at the same position in the document are resolved concurrently. They form one level, whose
//! span starts with the first of them and ends with the last. Leaf fields have no span, because they only return a
//! value of their object.
//!
//! The extension is installed only if the server exports traces.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    QueryPathSegment, Response, ServerResult, Value,
    extensions::{
        Extension, ExtensionContext, ExtensionFactory, NextExecute, NextResolve, ResolveInfo,
    },
};
use parking_lot::{Mutex, MutexGuard};
use tracing::{Instrument, Span};

use crate::metrics::TRACE_TARGET;

/// The maximum number of levels with a span in an execution.
const MAX_LEVELS: usize = 200;

/// The extension that creates a span for each level of an execution.
#[derive(Clone, Copy, Debug, Default)]
pub struct LevelSpans;

impl ExtensionFactory for LevelSpans {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(LevelSpansExtension::default())
    }
}

/// The key of a level: the ID of the parent span, and the address of the field in the parsed document. The address is
/// the same for all items of a list, and unique while the document exists, which outlives the execution.
type LevelKey = (Option<u64>, usize);

#[derive(Default)]
struct LevelSpansExtension(Mutex<HashMap<LevelKey, Level>>);

struct Level {
    /// The span ends when it is exited for the last time, and is exported when its last handle is dropped.
    span: Span,
    fields: u64,
}

impl LevelSpansExtension {
    fn lock_levels(&self) -> MutexGuard<'_, HashMap<LevelKey, Level>> {
        self.0.lock()
    }

    /// Returns the span of a field's level, and creates it for the first field. Beyond the maximum, levels have no
    /// span.
    fn level_span(&self, info: &ResolveInfo<'_>) -> Span {
        let parent = Span::current().id().map(|id| id.into_u64());
        let key = (parent, std::ptr::from_ref(info.field).addr());
        let mut levels = self.lock_levels();
        if let Some(level) = levels.get_mut(&key) {
            level.fields += 1;
            return level.span.clone();
        }
        if levels.len() >= MAX_LEVELS {
            return Span::none();
        }
        // Names of the schema only: aliases are chosen by the client, and unbounded in number.
        let span = tracing::info_span!(
            target: TRACE_TARGET,
            "graphql.level",
            otel.name = format!("{}.{}", info.parent_type, info.name),
            graphql.parent_type = info.parent_type,
            graphql.field = info.name,
            graphql.fields = tracing::field::Empty,
        );
        let level = Level {
            span: span.clone(),
            fields: 1,
        };
        levels.insert(key, level);
        span
    }

    fn record_field_counts(&self) {
        for level in std::mem::take(&mut *self.lock_levels()).into_values() {
            level.span.record("graphql.fields", level.fields);
        }
    }
}

#[async_trait::async_trait]
impl Extension for LevelSpansExtension {
    async fn execute(
        &self,
        ctx: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        let response = next.run(ctx, operation_name).await;
        self.record_field_counts();
        response
    }

    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        let is_leaf = info.field.selection_set.node.items.is_empty();
        // async-graphql also calls this method for each item of a list.
        let is_item = matches!(info.path_node.segment, QueryPathSegment::Index(_));
        if is_leaf || is_item || info.is_for_introspection {
            return next.run(ctx, info).await;
        }
        let span = self.level_span(&info);
        next.run(ctx, info).instrument(span).await
    }
}
