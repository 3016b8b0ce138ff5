//! Groups of GraphQL arguments that many fields share.

use quote::quote;
use syn::{Block, FnArg, Ident, Pat, Signature, Type, parse_quote};

/// Replaces a parameter of the type `PageArgs` by the four arguments of a connection. The body gets
/// them in a variable with the parameter's name.
pub fn expand(signature: &mut Signature, body: &mut Block) {
    let Some((index, page, ty)) = page_parameter(signature) else {
        return;
    };
    let mut inputs: Vec<FnArg> = signature.inputs.iter().cloned().collect();
    inputs.splice(index..=index, paging());
    signature.inputs = inputs.into_iter().collect();
    body.stmts.insert(
        0,
        parse_quote! {
            let #page = #ty { first, after, last, before };
        },
    );
}

fn page_parameter(signature: &Signature) -> Option<(usize, Ident, Type)> {
    let mut inputs = signature.inputs.iter().enumerate();
    inputs.find_map(|(index, input)| match input {
        FnArg::Typed(typed) => match (&*typed.pat, &*typed.ty) {
            (Pat::Ident(name), Type::Path(ty)) if ty.path.is_ident("PageArgs") => {
                Some((index, name.ident.clone(), (*typed.ty).clone()))
            }
            _ => None,
        },
        FnArg::Receiver(_) => None,
    })
}

fn paging() -> [FnArg; 4] {
    let cursor = quote! {
        directive = crate::graphql::constraint::constraint::apply(
            crate::graphql::constraint::CURSOR,
            crate::graphql::constraint::NOT_A_LIST,
        )
    };
    [
        parse_quote! {
            #[graphql(desc = "The number of items from the start, 0 to 100; 20 when both `first` and `last` are null.")] first: ::std::option::Option<i32>
        },
        parse_quote! {
            #[graphql(desc = "Only items after this cursor; from the start of the list when null.", #cursor)] after: ::std::option::Option<::std::string::String>
        },
        parse_quote! {
            #[graphql(desc = "The number of items from the end, 0 to 100. It can't be combined with `first`.")] last: ::std::option::Option<i32>
        },
        parse_quote! {
            #[graphql(desc = "Only items before this cursor; to the end of the list when null.", #cursor)] before: ::std::option::Option<::std::string::String>
        },
    ]
}
