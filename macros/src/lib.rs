//! Attributes that keep each field of the GraphQL schema in one place.
//!
//! async-graphql resolves a field through a future. Most fields only return what their object holds; `graphql::selection` writes these
//! straight into the response. Both need the field's name and value. [`macro@object`] makes both from one method, and
//! [`macro@InlineObject`] from one struct field.

mod arguments;
mod object;
mod record;

use proc_macro::TokenStream;

/// Makes a GraphQL object type of an `impl` block, in place of `#[async_graphql::Object]`, whose arguments it takes.
///
/// A method that takes `&self` alone and isn't `async` is written inline: its return type implements `WriteInline`. Every other method is
/// resolved by async-graphql.
///
/// Attributes of methods:
///
/// | attribute | meaning |
/// |---|---|
/// | `#[without_arguments(EXPRESSION)]` | The value of the field if the client gives no argument. It is written inline. |
/// | `#[resolve]` | async-graphql resolves the field, though it takes `&self` alone. |
/// | `#[interface]` | A GraphQL interface has this field, so its resolver is `async` and visible in the crate. |
/// | `#[reads(EXPRESSION)]` | What the field reads of its row. `#[object(reads = TYPE)]` collects it as `Self::reads_of(field_name)`. |
///
/// A parameter of the type `PageArgs` becomes the four arguments of a connection: `first`, `after`, `last`, `before`.
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
