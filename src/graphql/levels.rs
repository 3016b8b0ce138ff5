//! Spans for a trace: one for each level of an execution, not one for each field.
//!
//! A page of a hundred films with their reviews has thousands of fields, and a span for each would cost more than they do. But all fields
//! that stand at the same place of the document are resolved side by side: they are one level, whose span begins with the first of
//! them and ends with the last. What is a leaf has none: it only hands out what is there.
//!
//! Only a schema whose server has a collector has this.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    QueryPathSegment, Response, ServerResult, Value,
    extensions::{
        Extension, ExtensionContext, ExtensionFactory, NextExecute, NextResolve, ResolveInfo,
    },
};
use parking_lot::{Mutex, MutexGuard};
use tracing::{Instrument, Span};

use crate::observe::TRACES;

/// How many levels of an execution have spans.
const MAX_LEVELS: usize = 200;

/// Makes the spans of an execution's levels.
#[derive(Clone, Copy, Debug, Default)]
pub struct Levels;

impl ExtensionFactory for Levels {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Open::default())
    }
}

/// The span above, and the place of the field in memory: the same for all items of a list, and no other field's while the document is
/// require_page, which is as long as the execution.
type Place = (Option<u64>, usize);

#[derive(Default)]
struct Open(Mutex<HashMap<Place, Level>>);

struct Level {
    /// A span's end is when it was left last; it is told when nobody has the span any more.
    span: Span,
    fields: u64,
}

impl Open {
    fn levels(&self) -> MutexGuard<'_, HashMap<Place, Level>> {
        self.0.lock()
    }

    /// The span of the level that a field belongs to.
    fn enter(&self, info: &ResolveInfo<'_>) -> Span {
        let above = Span::current().id().map(|id| id.into_u64());
        let place = (above, std::ptr::from_ref(info.field).addr());
        let mut levels = self.levels();
        if let Some(level) = levels.get_mut(&place) {
            level.fields += 1;
            return level.span.clone();
        }
        if levels.len() >= MAX_LEVELS {
            return Span::none();
        }
        // The names are the schema's, never those that the client gives its fields.
        let span = tracing::info_span!(
            target: TRACES,
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
        levels.insert(place, level);
        span
    }

    fn finish(&self) {
        for level in std::mem::take(&mut *self.levels()).into_values() {
            level.span.record("graphql.fields", level.fields);
        }
    }
}

#[async_trait::async_trait]
impl Extension for Open {
    async fn execute(
        &self,
        ctx: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        let response = next.run(ctx, operation_name).await;
        self.finish();
        response
    }

    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        let is_leaf = info.field.selection_set.node.items.is_empty();
        // The items of a list come here one by one, as if they were fields.
        let is_item = matches!(info.path_node.segment, QueryPathSegment::Index(_));
        if is_leaf || is_item || info.is_for_introspection {
            return next.run(ctx, info).await;
        }
        let span = self.enter(&info);
        next.run(ctx, info).instrument(span).await
    }
}
