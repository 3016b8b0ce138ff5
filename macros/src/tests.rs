//! Expansions as text. `tests/it/selection.rs` compares what the expansions do.

use proc_macro2::TokenStream;
use quote::quote;

use crate::{object, record};

/// Returns the expansion of an `impl` block as text, without spaces.
fn expanded(arguments: TokenStream, item: TokenStream) -> String {
    compact(&object::expand(arguments, item).unwrap())
}

fn compact(tokens: &TokenStream) -> String {
    tokens.to_string().replace([' ', '\n'], "")
}

#[test]
fn a_method_of_self_alone_is_written_and_resolved_by_the_same_body() {
    let text = expanded(
        quote!(),
        quote! {
            impl Film {
                /// The year.
                fn release_year(&self) -> Option<i32> { self.year }
            }
        },
    );
    assert_eq!(text.matches("{self.year}").count(), 1, "{text}");
    assert!(text.contains(r#""releaseYear"=>writer.write(&self.release_year()),"#));
    assert!(text.contains(r#"#[graphql(name="releaseYear")]fnresolve_release_year(&self)->Option<i32>{self.release_year()}"#));
}

#[test]
fn a_method_with_arguments_is_resolved_and_written_only_without_them() {
    let text = expanded(
        quote!(name = "Movie"),
        quote! {
            impl Film {
                #[without_arguments(self.best())]
                #[price(Score(Owner::Film))]
                async fn score(&self, ctx: &Context<'_>, best: Option<bool>) -> i32 { 1 }
                #[price(Nothing)]
                async fn other(&self, ctx: &Context<'_>) -> i32 { 2 }
            }
        },
    );
    assert!(text.contains(r#"Object(name="Movie")"#));
    assert!(
        text.contains(r#""score"if!writer.has_arguments()=>writer.write(&(self.best())),"#),
        "{text}"
    );
    assert!(!text.contains(r#""other"=>writer"#));
    assert!(text.contains(
        r#""score"=>::std::option::Option::Some(crate::graphql::price::Price::Score(Owner::Film)),"#
    ));
}

#[test]
fn a_method_with_the_rules_of_the_site_is_inline_as_well() {
    let text = expanded(
        quote!(),
        quote! {
            impl Review {
                fn sentiment(&self, rules: &SiteRules) -> i32 { rules.of(self) }
            }
        },
    );
    assert_eq!(text.matches("{rules.of(self)}").count(), 1, "{text}");
    assert!(text.contains(
        r#""sentiment"=>{letrules=writer.rules();writer.write(&self.sentiment(&rules))}"#
    ));
    assert!(text.contains("fnresolve_sentiment(&self,ctx:&::async_graphql::Context<'_>)->i32"));
}

#[test]
fn a_localized_field_is_written_in_the_language_of_its_argument_or_of_the_request() {
    let text = expanded(
        quote!(),
        quote! {
            impl Score {
                #[localized(language.label(self))]
                #[price(Nothing)]
                fn label(&self, ctx: &Context<'_>, locale: Option<Locale>) -> String { of(ctx, locale) }
            }
        },
    );
    let expected = r#""label"=>matchwriter.language(){::std::option::Option::Some(language)=>writer.write(&(language.label(self))),::std::option::Option::None=>false,},"#;
    assert!(text.contains(expected), "{text}");
    let inline = quote! {
        impl Score {
            #[localized(language.label(self))]
            fn label(&self) -> String { String::new() }
        }
    };
    let error = object::expand(quote!(), inline).unwrap_err().to_string();
    assert!(error.contains("the argument `locale`"), "{error}");
}

#[test]
fn a_page_becomes_four_arguments() {
    let text = expanded(
        quote!(),
        quote! {
            impl Query {
                #[price(Films)]
                async fn films(&self, ctx: &Context<'_>, page: PageArgs) -> i32 { read(page) }
            }
        },
    );
    assert!(
        text.contains("letpage=PageArgs{first,after,last,before};read(page)"),
        "{text}"
    );
    assert_eq!(text.matches("constraint::CURSOR").count(), 2);
}

#[test]
fn columns_are_collected_by_field_name() {
    let text = expanded(
        quote!(reads = Columns),
        quote! {
            impl Review {
                #[reads(Columns::TEXTS)]
                fn excerpt(&self) -> i32 { 1 }
                fn score(&self) -> i32 { 2 }
            }
        },
    );
    assert!(
        text.contains(r#""excerpt"=>Columns::TEXTS,_=>return"#),
        "{text}"
    );
}

#[test]
fn an_interface_awaits_its_field() {
    let text = expanded(
        quote!(),
        quote! { impl Film { #[interface] fn id(&self) -> ID { ID(1) } } },
    );
    assert!(
        text.contains("pub(crate)asyncfnresolve_id(&self)->ID"),
        "{text}"
    );
}

#[test]
fn a_graphql_attribute_on_an_inline_field_is_an_error() {
    let item = quote! { impl Film { #[graphql(name = "x")] fn id(&self) -> i32 { 1 } } };
    let error = object::expand(quote!(), item).unwrap_err();
    assert!(error.to_string().contains("`#[resolve]`"));
}

#[test]
fn a_simple_object_writes_all_its_fields() {
    let item = quote! { struct Share { count: i32, long_label: String } };
    let text = compact(&record::expand_object(item).unwrap());
    assert!(text.contains(
        r#""count"=>writer.write(&self.count),"longLabel"=>writer.write(&self.long_label),"#
    ));
    let error = record::expand_object(quote!(
        enum Share {
            A,
        }
    ))
    .unwrap_err();
    assert!(error.to_string().contains("struct"));
}

#[test]
fn an_attribute_without_effect_is_an_error() {
    for (item, expected) in [
        (
            quote! { impl Film { #[interface] async fn id(&self, ctx: &Context<'_>) -> ID { ID(1) } } },
            "`#[interface]`",
        ),
        (
            quote! { impl Film { #[without_arguments(1)] fn id(&self) -> i32 { 1 } } },
            "`#[without_arguments]`",
        ),
        (
            quote! { impl Film { #[reads(Columns::TEXTS)] fn id(&self) -> i32 { 1 } } },
            "`#[object(reads = TYPE)]`",
        ),
    ] {
        let error = object::expand(quote!(), item).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn an_error_of_a_nullable_field_must_not_make_its_parent_null() {
    let of = |output: TokenStream| {
        object::expand(
            quote!(),
            quote! {
                impl Film {
                    #[price(Nothing)]
                    async fn tagline(&self, ctx: &Context<'_>) -> #output { todo!() }
                }
            },
        )
    };
    let error = of(quote!(Result<Option<String>>)).unwrap_err().to_string();
    assert!(error.contains("`Option<Result<T>>`"), "{error}");
    assert!(of(quote!(Option<Result<String>>)).is_ok());
}
