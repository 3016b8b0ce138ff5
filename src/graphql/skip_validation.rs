//! Leaves out the validation of the executor.
//!
//! The document pipeline has validated each operation. async-graphql would walk through it once more for its cache
//! control, complexity and depth, which takes longer than the execution of a small operation. The pipeline knows what
//! these are needed for: [`PRIVATE_FIELDS`](super::schema::PRIVATE_FIELDS) and the cost.

use std::sync::{Arc, LazyLock};

use async_graphql::{
    CacheControl, ServerError, ValidationResult,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation},
};

/// The extension that leaves the validation out.
#[derive(Clone, Copy, Debug)]
pub struct SkipValidation;

/// The only instance, which has no state.
static INSTANCE: LazyLock<Arc<SkipValidation>> = LazyLock::new(|| Arc::new(SkipValidation));

impl ExtensionFactory for SkipValidation {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::<SkipValidation>::clone(&INSTANCE)
    }
}

#[async_trait::async_trait]
impl Extension for SkipValidation {
    async fn validation(
        &self,
        _: &ExtensionContext<'_>,
        _: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        Ok(ValidationResult {
            cache_control: CacheControl::default(),
            complexity: 0,
            depth: 0,
        })
    }
}
