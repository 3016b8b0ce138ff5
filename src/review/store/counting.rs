//! The SQL of what counts towards a score: conditions, and the weight of each review.

use entity::review;
use sea_orm::{
    ColumnTrait, Condition,
    sea_query::{Alias, Expr, Func, JoinType, Query, SelectStatement},
};

use super::filter;
use crate::{
    review::counting::{Counting, CustomWeights},
    score::Weight,
};

/// The weight of each review if all count alike.
const EQUAL_WEIGHT: &str = "100";

/// The weight of the review's publication on the site.
const SITE_WEIGHT: &str = r#""review"."weight""#;

/// Returns the condition that a review counts.
#[must_use]
pub fn condition(counting: &Counting) -> Condition {
    let Counting {
        filter,
        is_top_critics_only,
        without_critic,
        weights: _,
    } = counting;
    let by_others = |critic: i64| {
        let is_other = review::Column::CriticId.ne(critic);
        Condition::any()
            .add(is_other)
            .add(review::Column::CriticId.is_null())
    };
    let top_critics = is_top_critics_only.then(|| review::Column::TopCritic.eq(true));
    filter::condition(filter)
        .add_option(top_critics)
        .add_option(without_critic.map(|critic| by_others(critic.0)))
}

/// Returns the weight of a review, in hundredths, in a statement that has been [joined](join_weights) with the custom
/// ones. If `is_equal`, all reviews count alike that have no custom weight.
#[must_use]
pub fn weight(counting: &Counting, is_equal: bool) -> Expr {
    let site = |is_equal| if is_equal { EQUAL_WEIGHT } else { SITE_WEIGHT };
    let Some(weights) = counting.weights.as_deref() else {
        return Expr::cust(site(is_equal));
    };
    let given = given(weights).map(|(table, ..)| format!(r#""{table}"."weight""#));
    let given: Vec<String> = given.collect();
    let site = site(is_equal || weights.is_equal_otherwise());
    Expr::cust(format!("coalesce({}, {site})", given.join(", ")))
}

/// Joins reviews with the custom weights of their critics and publications.
pub fn join_weights(select: &mut SelectStatement, counting: &Counting) {
    for (table, column, keys, hundredths) in counting.weights.iter().flat_map(|it| given(it)) {
        // PostgreSQL expands both arrays in step.
        let rows = Query::select()
            .expr_as(Func::cust("unnest").arg(keys), "id")
            .expr_as(Func::cust("unnest").arg(hundredths), "weight")
            .take();
        let on = format!(r#""{table}"."id" = "review"."{column}""#);
        select.join_subquery(JoinType::LeftJoin, rows, Alias::new(table), Expr::cust(on));
    }
}

/// Returns the custom weights: the name of the joined table, the column that it is joined by, the keys, and the weights
/// in hundredths. That of a critic comes first.
fn given(
    weights: &CustomWeights,
) -> impl Iterator<Item = (&'static str, &'static str, Vec<i64>, Vec<i32>)> {
    let hundredths = |weight: Weight| weight.hundredths().cast_signed();
    let critics = weights.critics().iter();
    let critics = critics
        .map(|(id, weight)| (id.0, hundredths(*weight)))
        .unzip();
    let publications = weights.publications().iter();
    let publications = publications
        .map(|(id, weight)| (id.0, hundredths(*weight)))
        .unzip();
    let tables: [(_, _, (Vec<i64>, Vec<i32>)); 2] = [
        ("critic_weight", "critic_id", critics),
        ("publication_weight", "publication_id", publications),
    ];
    let tables = tables
        .into_iter()
        .filter(|(_, _, (keys, _))| !keys.is_empty());
    tables.map(|(table, column, (keys, hundredths))| (table, column, keys, hundredths))
}
