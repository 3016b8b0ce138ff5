//! Drafts of critics and publications: the values after an input is applied, and their validation.

use crate::{
    external_id::{self, ExternalId},
    patch::{self, Patch},
    score::{Weight, WeightError},
    user_error::{
        UserErrorCode::{Invalid, OutOfRange},
        UserErrors,
    },
};

/// An input's values for a critic or a publication.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NamedPatch {
    /// The slug.
    pub slug: Patch<String>,
    /// The name.
    pub name: Patch<String>,
    /// The address of its page on another site.
    pub url: Patch<String>,
    /// The weight of a publication's reviews: 0.01 to 100. Not used for critics.
    pub weight: Patch<f64>,
    /// The identifiers of a critic at sources. Not used for publications.
    pub external_ids: Patch<Vec<ExternalId>>,
}

/// The values of a critic or a publication that is to be inserted or updated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedDraft {
    /// The slug; `None` to derive it from the name.
    pub slug: Option<String>,
    /// The name.
    pub name: String,
    /// The address of its page on another site.
    pub url: Option<String>,
    /// The weight of a publication's reviews. Not used for critics.
    pub weight: Weight,
    /// The identifiers of a critic at sources, sorted. Not used for publications.
    pub external_ids: Vec<ExternalId>,
}

impl NamedDraft {
    /// Returns the names of the columns that differ in another draft.
    #[must_use]
    pub fn changed_columns(&self, other: &Self) -> Vec<String> {
        patch::changed_columns([
            ("slug", self.slug != other.slug),
            ("name", self.name != other.name),
            ("url", self.url != other.url),
            ("weight", self.weight != other.weight),
            (external_id::COLUMN, self.external_ids != other.external_ids),
        ])
    }

    /// Applies the values of an input, and adds the errors in them to `errors`.
    pub fn apply(&mut self, patch: NamedPatch, errors: &mut UserErrors) {
        patch::slug(patch.slug, "slug", errors).apply(&mut self.slug);
        if let Patch::Set(name) = patch::name(patch.name, "name", errors) {
            self.name = name;
        }
        patch::url(patch.url, "url", errors).apply(&mut self.url);
        let weight = patch.weight.and_then(|weight| read_weight(weight, errors));
        weight.apply_or_default(&mut self.weight);
        external_id::read_list(patch.external_ids, "externalIds", errors)
            .apply_or_default(&mut self.external_ids);
    }
}

/// Converts a number to a weight, or adds an error.
fn read_weight(weight: f64, errors: &mut UserErrors) -> Option<Weight> {
    let (code, message) = match Weight::from_factor(weight) {
        Ok(weight) => return Some(weight),
        Err(WeightError::OutOfRange) => (OutOfRange, "must be from 0.01 to 100"),
        Err(WeightError::TooPrecise) => (Invalid, "must not have more than two decimal places"),
    };
    errors.add("weight", code, message);
    None
}

#[cfg(test)]
mod tests;
