//! Field values that need the loader or the text budget, but are often available without waiting.

use std::{borrow::Cow, sync::Arc};

use async_graphql::{
    ContextSelectionSet, OutputType, Positioned, ServerResult, Value, parser::types::Field,
    registry::Registry,
};

use super::{FieldWriter, InlineFields, WriteInline};
use crate::{
    graphql::{budget::charge_text, load, path::WithPath, to_nullable_field},
    loader::key::LoaderKey,
};

/// The object of a key; null without a key, and if the row doesn't exist. It is written inline if the loader has loaded
/// it.
#[derive(Clone, Copy, Debug)]
pub struct Linked<K>(pub Option<K>);

impl<K, T> OutputType for Linked<K>
where
    K: LoaderKey<Value = Arc<T>>,
    T: InlineFields + OutputType,
{
    fn type_name() -> Cow<'static, str> {
        Option::<Arc<T>>::type_name()
    }

    fn qualified_type_name() -> String {
        Option::<Arc<T>>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Option::<Arc<T>>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let object = match &self.0 {
            Some(key) => to_nullable_field(load(ctx, key.clone()).await),
            None => None,
        };
        object.resolve(ctx, field).await
    }
}

impl<K, T> WriteInline for Linked<K>
where
    K: LoaderKey<Value = Arc<T>>,
    T: InlineFields,
{
    fn write_inline(&self, writer: &mut FieldWriter<'_>) -> bool {
        match &self.0 {
            Some(key) => writer.linked(key),
            None => None::<bool>.write_inline(writer),
        }
    }
}

/// A long string, or null. It is charged to the text budget of the response, because an excerpt that is selected under
/// two hundred aliases is copied two hundred times.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a>(pub Option<&'a str>);

impl OutputType for Text<'_> {
    fn type_name() -> Cow<'static, str> {
        Option::<String>::type_name()
    }

    fn qualified_type_name() -> String {
        Option::<String>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Option::<String>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        if let Some(text) = self.0 {
            charge_text(ctx, text)
                .with_path(ctx)
                .map_err(|error| ctx.set_error_path(error.into_server_error(field.pos)))?;
        }
        Ok(self.0.map_or(Value::Null, Value::from))
    }
}

impl WriteInline for Text<'_> {
    fn write_inline(&self, writer: &mut FieldWriter<'_>) -> bool {
        match self.0 {
            Some(text) => writer.text(text),
            None => None::<bool>.write_inline(writer),
        }
    }
}
