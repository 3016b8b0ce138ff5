//! The attribute `object`.

use heck::ToLowerCamelCase;
use proc_macro2::TokenStream;
use quote::{ToTokens as _, format_ident, quote};
use syn::{
    Attribute, Error, Expr, FnArg, Ident, ImplItem, ImplItemFn, ItemImpl, Meta, Result, Token,
    Type, parse::Parser, parse_quote, parse2, punctuated::Punctuated,
};

use crate::arguments;

/// The arguments of the attribute: those for async-graphql, and the type of the values of `#[reads]`.
struct Arguments {
    forwarded: Punctuated<Meta, Token![,]>,
    reads: Option<Type>,
}

impl Arguments {
    fn parse(tokens: TokenStream) -> Result<Self> {
        let all = Punctuated::<Meta, Token![,]>::parse_terminated.parse2(tokens)?;
        let mut reads = None;
        let mut forwarded = Punctuated::new();
        for meta in all {
            match meta {
                Meta::NameValue(pair) if pair.path.is_ident("reads") => {
                    let ty = pair.value;
                    reads = Some(parse2(quote!(#ty))?);
                }
                other => forwarded.push(other),
            }
        }
        Ok(Self { forwarded, reads })
    }
}

/// The attributes of a method that `object` defines; async-graphql doesn't accept them.
#[derive(Default)]
struct FieldAttributes {
    without_arguments: Option<Expr>,
    localized: Option<Expr>,
    reads: Option<Expr>,
    price: Option<Expr>,
    is_interface: bool,
    is_resolved: bool,
}

impl FieldAttributes {
    /// Removes the attributes from a method, and parses them.
    fn take(attributes: &mut Vec<Attribute>) -> Result<Self> {
        let mut taken = Self::default();
        let mut rest = Vec::with_capacity(attributes.len());
        for attribute in attributes.drain(..) {
            let path = attribute.path();
            if path.is_ident("without_arguments") {
                taken.without_arguments = Some(attribute.parse_args()?);
            } else if path.is_ident("localized") {
                taken.localized = Some(attribute.parse_args()?);
            } else if path.is_ident("reads") {
                taken.reads = Some(attribute.parse_args()?);
            } else if path.is_ident("price") {
                taken.price = Some(attribute.parse_args()?);
            } else if path.is_ident("interface") {
                taken.is_interface = true;
            } else if path.is_ident("resolve") {
                taken.is_resolved = true;
            } else {
                rest.push(attribute);
            }
        }
        *attributes = rest;
        Ok(taken)
    }

    /// Rejects a field without a price, and attributes that would have no effect, or two.
    fn check(&self, is_inline: bool, method: &ImplItemFn) -> Result<()> {
        let message = if self.is_interface && !is_inline {
            "`#[interface]` is for an inline field, which takes `&self` alone"
        } else if self.without_arguments.is_some() && is_inline {
            "a field without arguments is inline; `#[without_arguments]` is for one with arguments"
        } else if self.localized.is_some() && is_inline {
            "`#[localized]` is for a field with the argument `locale`"
        } else if self.price.is_none() && !is_inline {
            "a field that async-graphql resolves needs `#[price(PRICE)]`: what it costs"
        } else if self.price.is_some() && is_inline {
            "an inline field costs its value, or the lookup of its object; `#[price]` is for one that is resolved"
        } else if returns_nullable_result(method) {
            "a nullable field returns `Option<Result<T>>`: an error in a `Result<Option<T>>` makes its parent null"
        } else {
            return Ok(());
        };
        Err(Error::new_spanned(&method.sig.ident, message))
    }
}

/// Returns whether a method returns a `Result<Option<T>>`.
fn returns_nullable_result(method: &ImplItemFn) -> bool {
    let output = method.sig.output.to_token_stream().to_string();
    output.replace(' ', "").starts_with("->Result<Option<")
}

/// The code that is generated from the methods.
#[derive(Default)]
struct Fields {
    /// The methods that return the values of inline fields.
    values: Vec<ImplItemFn>,
    /// The methods that async-graphql resolves.
    resolvers: Vec<ImplItem>,
    /// The arms of `write_field`, by field name.
    writers: Vec<TokenStream>,
    /// The arms of `reads_of`, by field name.
    reads: Vec<TokenStream>,
    /// The arms of `price_of`, by field name.
    prices: Vec<TokenStream>,
}

impl Fields {
    fn add(&mut self, mut method: ImplItemFn) -> Result<()> {
        let attributes = FieldAttributes::take(&mut method.attrs)?;
        let needs_rules = takes_rules(&method);
        let is_inline = !attributes.is_resolved && (takes_self_alone(&method) || needs_rules);
        attributes.check(is_inline, &method)?;
        let name = method.sig.ident.to_string().to_lower_camel_case();
        if let Some(reads) = attributes.reads {
            self.reads.push(quote!(#name => #reads,));
        }
        if let Some(price) = attributes.price {
            self.prices.push(
                quote!(#name => ::std::option::Option::Some(crate::graphql::price::Price::#price),),
            );
        }
        if let Some(value) = attributes.without_arguments {
            self.writers
                .push(quote!(#name if !writer.has_arguments() => writer.write(&(#value)),));
        }
        if let Some(value) = attributes.localized {
            self.writers.push(quote! {
                #name => match writer.language() {
                    ::std::option::Option::Some(language) => writer.write(&(#value)),
                    ::std::option::Option::None => false,
                },
            });
        }
        if !is_inline {
            arguments::expand(&mut method.sig, &mut method.block);
            method
                .attrs
                .push(parse_quote!(#[allow(clippy::too_many_arguments)]));
            self.resolvers.push(ImplItem::Fn(method));
            return Ok(());
        }
        let value = &method.sig.ident;
        self.writers.push(if needs_rules {
            quote!(#name => {
                let rules = writer.rules();
                writer.write(&self.#value(&rules))
            })
        } else {
            quote!(#name => writer.write(&self.#value()),)
        });
        self.resolvers
            .push(resolver(&method, &name, attributes.is_interface)?);
        self.values.push(method);
        Ok(())
    }
}

/// Returns the method by which async-graphql resolves an inline field.
fn resolver(method: &ImplItemFn, name: &str, is_interface: bool) -> Result<ImplItem> {
    let graphql = |attribute: &&Attribute| attribute.path().is_ident("graphql");
    if let Some(attribute) = method.attrs.iter().find(graphql) {
        let message = "an inline field can't have `#[graphql]`; add `#[resolve]`";
        return Err(Error::new_spanned(attribute, message));
    }
    let docs = method
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc"));
    let value: &Ident = &method.sig.ident;
    let ident = format_ident!("resolve_{value}");
    let output = &method.sig.output;
    if takes_rules(method) {
        return Ok(parse_quote! {
            #(#docs)*
            #[graphql(name = #name)]
            fn #ident(&self, ctx: &::async_graphql::Context<'_>) #output {
                self.#value(&crate::graphql::latest_rules(ctx))
            }
        });
    }
    // async-graphql awaits the fields of an interface.
    let head = if is_interface {
        quote!(pub(crate) async fn)
    } else {
        quote!(fn)
    };
    Ok(parse_quote! {
        #(#docs)*
        #[graphql(name = #name)]
        #head #ident(&self) #output {
            self.#value()
        }
    })
}

fn takes_self_alone(method: &ImplItemFn) -> bool {
    let inputs = &method.sig.inputs;
    let is_receiver = matches!(inputs.first(), Some(FnArg::Receiver(_)));
    method.sig.asyncness.is_none() && inputs.len() == 1 && is_receiver
}

/// Returns whether a method takes the rules of the site besides `&self`. Such a field is inline as well.
fn takes_rules(method: &ImplItemFn) -> bool {
    let mut inputs = method.sig.inputs.iter();
    let is_receiver = matches!(inputs.next(), Some(FnArg::Receiver(_)));
    let is_rules = match inputs.next() {
        Some(FnArg::Typed(typed)) => match &*typed.ty {
            Type::Reference(reference) => match &*reference.elem {
                Type::Path(ty) => ty.path.is_ident("SiteRules"),
                _ => false,
            },
            _ => false,
        },
        _ => false,
    };
    method.sig.asyncness.is_none() && is_receiver && is_rules && inputs.next().is_none()
}

pub fn expand(arguments: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let Arguments { forwarded, reads } = Arguments::parse(arguments)?;
    let mut item: ItemImpl = parse2(item)?;
    let mut fields = Fields::default();
    for member in std::mem::take(&mut item.items) {
        match member {
            ImplItem::Fn(method) => fields.add(method)?,
            other => fields.resolvers.push(other),
        }
    }
    let Fields {
        values,
        resolvers,
        writers,
        reads: reads_of,
        prices,
    } = fields;
    item.items = resolvers;
    if reads.is_none() && !reads_of.is_empty() {
        let message = "`#[reads]` needs the type of its columns: `#[object(reads = TYPE)]`";
        return Err(Error::new_spanned(&item.self_ty, message));
    }
    let (generics, _, where_clause) = item.generics.split_for_impl();
    let ty = &item.self_ty;
    let reads = reads.map(|reads| expand_reads(&item, &reads, &reads_of));
    Ok(quote! {
        // async-graphql passes objects by reference, however small they are.
        #[allow(clippy::trivially_copy_pass_by_ref)]
        impl #generics #ty #where_clause {
            #(#values)*
        }

        #[::async_graphql::Object(#forwarded)]
        #item

        #[automatically_derived]
        impl #generics crate::graphql::selection::InlineFields for #ty #where_clause {
            fn write_field(&self, name: &str, mut writer: crate::graphql::selection::FieldWriter<'_>) -> bool {
                match name {
                    #(#writers)*
                    _ => false,
                }
            }
        }

        #[automatically_derived]
        impl #generics crate::graphql::price::Priced for #ty #where_clause {
            fn price_of(field: &str) -> ::std::option::Option<crate::graphql::price::Price> {
                match field {
                    #(#prices)*
                    _ => ::std::option::Option::None,
                }
            }
        }

        #reads
    })
}

/// Returns the function with the columns that each field reads.
fn expand_reads(item: &ItemImpl, columns: &Type, arms: &[TokenStream]) -> TokenStream {
    let (generics, _, where_clause) = item.generics.split_for_impl();
    let ty = &item.self_ty;
    quote! {
        #[automatically_derived]
        impl #generics #ty #where_clause {
            /// Returns the columns that a field reads, by its name in the schema; `None` for a field without
            /// `#[reads]`.
            fn reads_of(field: &str) -> ::std::option::Option<#columns> {
                ::std::option::Option::Some(match field {
                    #(#arms)*
                    _ => return ::std::option::Option::None,
                })
            }
        }
    }
}
