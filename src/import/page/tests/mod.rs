//! Tests with whole, invented pages.

mod broken_pages;
mod errors_of_headings;
mod errors_of_lists;
mod generator;
mod invalid_distributions;
mod invalid_lists;
mod invalid_pages;
mod multiple_errors;
mod properties;
mod seed_page;
mod valid_distributions;
mod valid_entries;
mod valid_pages;

use super::{Order, Page, PageReview, parse};
use crate::site_rules::SiteRules;

/// A page with two positive reviews, a mixed one and a negative one.
const PLAIN: &str = "\
Mixed or average reviews - based on 4 Critics

Critic score distribution:
  1. Positive: 2 out of 4
  2. Mixed: 1 out of 4
  3. Negative: 1 out of 4

Critic Reviews

  1. Reviewed by: Ida Quist
    Mar 2, 2009
    Every lantern in it is lit.
  2. 70
    The harbour alone is worth the fare.
  3. Reviewed by: Night Desk [Not Credited]
    Mar 3, 2009
    Half of it sails,
    half of it sinks.
  4. 20 Reviewed by: Bo Tamm
    A long way to the pier.
";

/// Returns the reviews of a page with a heading and a distribution of `critics` positive reviews.
fn reviews_of(critics: usize, list: &str) -> Vec<PageReview> {
    let page = positive_page(critics, list);
    parse(&page, Order::BestToWorst, &SiteRules::default())
        .unwrap_or_else(|error| panic!("{error}\n{page}"))
        .reviews
}

/// Returns a page of positive reviews; its list starts on line 4.
fn positive_page(critics: usize, list: &str) -> String {
    format!(
        "Acclaim - based on {critics} Critics\n\
         Positive: {critics} out of {critics}\n\
         Critic Reviews\n\
         {list}"
    )
}

/// Returns the errors of an invalid page, one per line.
fn errors_of(page: &str, order: Order) -> String {
    match parse(page, order, &SiteRules::default()) {
        Err(error) => error.to_string(),
        Ok(page) => panic!("the page is valid: {page:?}"),
    }
}

fn read(page: &str) -> Page {
    parse(page, Order::BestToWorst, &SiteRules::default())
        .unwrap_or_else(|error| panic!("{error}\n{page}"))
}
