//! Macros that define each field of the GraphQL schema in one place.
//!
//! async-graphql resolves a field through a future. Most fields only return a value of their object;
//! `graphql::selection` writes these directly to the response. Both need the field's name and value. [`macro@object`]
//! generates the code for both from one method, and [`macro@InlineObject`] from one struct field.

mod arguments;
mod object;
mod record;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

/// Generates a GraphQL object type from an `impl` block. Replaces `#[async_graphql::Object]`, and accepts its
/// arguments.
///
/// A method that takes only `&self`, or also the rules of the site (`rules: &SiteRules`), and isn't `async` is written inline;
/// its return type must implement `WriteInline`. async-graphql resolves all other methods.
///
/// Attributes of methods:
///
/// | attribute | meaning |
/// |---|---|
/// | `#[without_arguments(EXPRESSION)]` | The value of the field without arguments, which is written inline. |
/// | `#[localized(EXPRESSION)]` | The value in `language`, for a field whose only argument is `locale`. It is written inline with and without the argument. |
/// | `#[resolve]` | async-graphql resolves the field, even if it takes only `&self`. |
/// | `#[price(PRICE)]` | What the field costs: a variant of `graphql::price::Price`. Every field that async-graphql resolves needs one. |
/// | `#[interface]` | The field belongs to a GraphQL interface, so its resolver is `async` and `pub(crate)`. |
/// | `#[reads(EXPRESSION)]` | The columns that the field reads. `#[object(reads = TYPE)]` adds `Self::reads_of(field_name)`, which returns them. |
///
/// A parameter of the type `PageArgs` is replaced by the four arguments of a connection: `first`, `after`, `last` and
/// `before`.
#[proc_macro_attribute]
pub fn object(arguments: TokenStream, item: TokenStream) -> TokenStream {
    object::expand(arguments.into(), item.into())
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

/// Writes all fields of an `async_graphql::SimpleObject` inline.
#[proc_macro_derive(InlineObject)]
pub fn inline_object(item: TokenStream) -> TokenStream {
    record::expand_object(item.into())
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

/// Writes the values of an `async_graphql::Enum` inline.
#[proc_macro_derive(InlineEnum)]
pub fn inline_enum(item: TokenStream) -> TokenStream {
    record::expand_enum(item.into())
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}
