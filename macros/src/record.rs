//! The derive macros for types without an `impl` block: simple objects and enums.

use heck::ToLowerCamelCase;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Result, parse2};

pub fn expand_object(item: TokenStream) -> Result<TokenStream> {
    let item: DeriveInput = parse2(item)?;
    let Data::Struct(data) = &item.data else {
        return Err(Error::new_spanned(
            &item,
            "`InlineObject` can be derived only for a struct",
        ));
    };
    let writers = data.fields.iter().filter_map(|field| {
        let value = field.ident.as_ref()?;
        let name = value.to_string().to_lower_camel_case();
        Some(quote!(#name => writer.write(&self.#value),))
    });
    let (generics, arguments, where_clause) = item.generics.split_for_impl();
    let ty = &item.ident;
    Ok(quote! {
        #[automatically_derived]
        impl #generics crate::graphql::selection::InlineFields for #ty #arguments #where_clause {
            fn write_field(&self, name: &str, mut writer: crate::graphql::selection::FieldWriter<'_>) -> bool {
                match name {
                    #(#writers)*
                    _ => false,
                }
            }
        }
    })
}

pub fn expand_enum(item: TokenStream) -> Result<TokenStream> {
    let item: DeriveInput = parse2(item)?;
    let ty = &item.ident;
    Ok(quote! {
        #[automatically_derived]
        impl crate::graphql::selection::WriteInline for #ty {
            fn write_inline(&self, writer: &mut crate::graphql::selection::FieldWriter<'_>) -> bool {
                writer.enum_value(*self)
            }
        }
    })
}
