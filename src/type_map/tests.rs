use std::{
    ops::AddAssign,
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
};

use parking_lot::Mutex;

use super::*;

#[test]
fn each_type_has_one_value_until_the_map_is_cleared() {
    let values = TypeMap::default();
    assert_eq!(*values.get_or_insert_with(|| 1_u8), 1);
    assert_eq!(*values.get_or_insert_with(|| "text"), "text");
    assert_eq!(*values.get_or_insert_with(|| 2_u8), 1);
    values.clear();
    assert_eq!(*values.get_or_insert_with(|| 2_u8), 2);
}

#[test]
fn threads_that_insert_at_once_share_one_value_of_each_type() {
    let values = SharedTypeMap::default();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                values
                    .get_or_insert_with(|| AtomicUsize::new(0))
                    .fetch_add(1, SeqCst);
                values
                    .get_or_insert_with(|| Mutex::new(0))
                    .lock()
                    .add_assign(1);
            });
        }
    });
    assert_eq!(
        values
            .get_or_insert_with(|| AtomicUsize::new(0))
            .load(SeqCst),
        8
    );
    assert_eq!(*values.get_or_insert_with(|| Mutex::new(0)).lock(), 8);
}
