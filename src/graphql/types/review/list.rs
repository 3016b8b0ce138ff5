//! The fields that list reviews.

use async_graphql::{Context, Result};

use super::filter::{ReviewFilterInput, ReviewOrderInput};
use crate::{
    database::error::ReadError,
    graphql::{
        connection::{Connection, Total, loaded_page::load_page, visit_node_fields},
        page_request,
        selection::Inlined,
        site_rules,
    },
    loader::data_loader::DataLoader,
    pagination::PageArgs,
    review::{
        Review,
        order::ReviewOrder,
        owner::Owner,
        store::{
            ReviewColumns,
            count::{ReviewCount, ReviewTotal},
            page::{AllReviews, ReviewPage, ReviewQuery},
            tally::stored_tally,
        },
    },
    score::Tally,
};

/// The key of the total count of a list of reviews.
#[derive(Debug)]
pub enum ListTotal {
    /// The reviews of an owner.
    Of(ReviewCount),
    /// All reviews.
    All(ReviewTotal),
}

impl Total for ListTotal {
    async fn count(&self, loader: &DataLoader) -> Result<u64, ReadError> {
        match self {
            Self::Of(key) => {
                // A tally has the numbers of most filters, and is often loaded already.
                if key.filter.count_in(&Tally::default()).is_none() {
                    return key.count(loader).await;
                }
                let tally = stored_tally(key.owner, loader).await?;
                let count = tally.and_then(|tally| key.filter.count_in(&tally));
                Ok(count.unwrap_or_default())
            }
            Self::All(key) => key.count(loader).await,
        }
    }
}

async fn query(
    ctx: &Context<'_>,
    filter: Option<ReviewFilterInput>,
    order_by: Option<ReviewOrderInput>,
    page: &PageArgs,
) -> Result<ReviewQuery> {
    let order = order_by.map_or(ReviewOrder::DEFAULT, ReviewOrder::from);
    let bands = site_rules(ctx).await?.policy.bands();
    Ok(ReviewQuery {
        filter: ReviewFilterInput::resolve(ctx, filter, bands).await?,
        order,
        page: page_request(page, order.tag())?,
        columns: selected_columns(ctx),
    })
}

/// Returns the columns that the selected fields of a list's reviews read; all columns if a field has no `#[reads]`.
fn selected_columns(ctx: &Context<'_>) -> ReviewColumns {
    let mut columns = ReviewColumns::MINIMAL;
    let is_complete = visit_node_fields(ctx, |name| {
        if name != "__typename" {
            columns = columns.union(Review::reads_of(name).unwrap_or(ReviewColumns::ALL));
        }
    });
    if is_complete {
        columns
    } else {
        ReviewColumns::ALL
    }
}

/// Loads a page of an owner's reviews.
///
/// # Errors
///
/// When the filter or the paging arguments are invalid, or the statement fails.
pub async fn reviews_of(
    ctx: &Context<'_>,
    owner: Owner,
    filter: Option<ReviewFilterInput>,
    order_by: Option<ReviewOrderInput>,
    page: &PageArgs,
) -> Result<Inlined<Connection<Review>>> {
    let query = query(ctx, filter, order_by, page).await?;
    let order = query.order.tag();
    let total = ListTotal::Of(ReviewCount {
        owner,
        filter: query.filter.clone(),
    });
    let page = load_page(ctx, &total, order, ReviewPage { owner, query }).await?;
    Ok(Connection::of(page, order, total))
}

/// Loads a page of all reviews.
///
/// # Errors
///
/// When the filter or the paging arguments are invalid, or the statement fails.
pub async fn reviews(
    ctx: &Context<'_>,
    filter: Option<ReviewFilterInput>,
    order_by: Option<ReviewOrderInput>,
    page: &PageArgs,
) -> Result<Inlined<Connection<Review>>> {
    let query = query(ctx, filter, order_by, page).await?;
    let total = ListTotal::All(ReviewTotal(query.filter.clone()));
    let order = query.order.tag();
    let page = load_page(ctx, &total, order, AllReviews(query)).await?;
    Ok(Connection::of(page, order, total))
}
