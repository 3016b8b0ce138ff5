//! Groups of GraphQL arguments that many fields share.

use quote::quote;
use syn::{Block, FnArg, Ident, Pat, Signature, Stmt, Type, parse_quote};

/// Replaces each parameter whose type is a group of arguments by its arguments. The body gets them in a variable with the
/// parameter's name.
pub fn expand(signature: &mut Signature, body: &mut Block) {
    let mut inputs = Vec::new();
    let mut groups: Vec<Stmt> = Vec::new();
    for input in &signature.inputs {
        let Some((name, ty, group)) = group_of(input) else {
            inputs.push(input.clone());
            continue;
        };
        let (arguments, fields): (Vec<_>, Vec<_>) = group.into_iter().unzip();
        inputs.extend(arguments);
        groups.push(parse_quote!(let #name = #ty { #(#fields),* };));
    }
    signature.inputs = inputs.into_iter().collect();
    body.stmts.splice(0..0, groups);
}

/// The arguments of a group, each with the field of the group that has its value.
type Group = Vec<(FnArg, Ident)>;

fn group_of(input: &FnArg) -> Option<(Ident, Type, Group)> {
    let FnArg::Typed(typed) = input else {
        return None;
    };
    let (Pat::Ident(name), Type::Path(ty)) = (&*typed.pat, &*typed.ty) else {
        return None;
    };
    let arguments = match &*ty.path.get_ident()?.to_string() {
        "PageArgs" => page(),
        "ScoreArguments" => vec![policy(), filter(), as_of()],
        "HistoryArguments" => vec![interval(), policy(), filter()],
        _ => return None,
    };
    let group = arguments.into_iter().filter_map(|argument| {
        let FnArg::Typed(typed) = &argument else {
            return None;
        };
        let Pat::Ident(field) = &*typed.pat else {
            return None;
        };
        let field = field.ident.clone();
        Some((argument, field))
    });
    Some((name.ident.clone(), (*typed.ty).clone(), group.collect()))
}

fn page() -> Vec<FnArg> {
    let cursor = quote! {
        directive = crate::graphql::constraint::constraint::apply(
            crate::graphql::constraint::CURSOR,
            crate::graphql::constraint::NOT_A_LIST,
        )
    };
    vec![
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

fn interval() -> FnArg {
    parse_quote! {
        #[graphql(desc = "The interval between the points; `MONTH` when null.")]
        interval: ::std::option::Option<crate::graphql::types::score_history::HistoryInterval>
    }
}

fn policy() -> FnArg {
    parse_quote! {
        #[graphql(desc = "The scoring policy; the rules of the site when null.")]
        policy: ::std::option::Option<crate::graphql::types::scoring_policy::ScoringPolicyInput>
    }
}

fn filter() -> FnArg {
    parse_quote! {
        #[graphql(desc = "Only reviews that match the filter count; all reviews when null.")]
        filter: ::std::option::Option<crate::graphql::types::review::filter::ReviewFilterInput>
    }
}

fn as_of() -> FnArg {
    parse_quote! {
        #[graphql(desc = "Only reviews published on this date or earlier count; all reviews when null. A review without a date counts on no date.")]
        as_of: ::std::option::Option<crate::graphql::scalar::Date>
    }
}
