//! Recursion over input is bounded. Ten times what each limit allows is processed on a thread with half of a worker's
//! stack. A stack overflow aborts the process, and this test with it.

mod documents;
mod statements;

use std::thread;

use marquee::{
    global_id::GlobalId,
    import::page::{self, Order},
    pagination::{Direction, KeyKind, OrderTag, Position},
    review::original_score::{self, DefaultScales},
    text,
};

/// Half of the stack size of worker threads: the default of the standard library is 2 MiB.
const HALF_A_STACK: usize = 1 << 20;

/// The factor by which inputs exceed the limits.
const TIMES: usize = 10;

fn on_half_a_stack(test: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().stack_size(HALF_A_STACK);
    thread.spawn(test).unwrap().join().unwrap();
}

#[test]
fn large_pages_do_not_overflow_the_stack() {
    let heading = "Generally favorable reviews - based on 5 Critics\nPositive: 3 out of 5\nMixed: 1 out of 5\nNegative: 1 out of 5\n";
    let pieces = [
        "\n",
        "x",
        "1. ",
        "1.\nReviewed by: A B\nJan 1, 2001\n90\nText.\n",
        "Positive: 3 out of 5\n",
        "Generally favorable reviews - based on 5 Critics\n",
        "\u{301}",
    ];
    on_half_a_stack(move || {
        for piece in pieces {
            let text =
                heading.to_owned() + &piece.repeat(text::MAX_PAGE_LENGTH * TIMES / piece.len());
            drop(page::parse(
                &text,
                Order::BestToWorst,
                &marquee::site_rules::SiteRules::default(),
            ));
        }
    });
}

#[test]
fn long_ids_cursors_and_scores_do_not_overflow_the_stack() {
    let order = OrderTag {
        name: "title",
        kind: KeyKind::Text,
        is_nullable: false,
        direction: Direction::Ascending,
    };
    on_half_a_stack(move || {
        for piece in ["W1", "eyJ", "1/", "(", "*", "A", "\u{301}", "9", "-"] {
            let text = piece.repeat(2_000 * TIMES);
            assert!(GlobalId::decode(&text).is_none());
            assert!(Position::from_cursor(&text, order).is_err());
            let _ = original_score::read(&text, &DefaultScales::default());
        }
    });
}
