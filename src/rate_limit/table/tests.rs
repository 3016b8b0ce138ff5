use std::convert::Infallible;

use super::*;

/// Sets the level of a key and returns the previous one.
fn set(table: &BucketTable<u32>, key: u32, full_at: u64) -> Option<u64> {
    let result: Result<_, Infallible> =
        table.measure_and_replace(&key, |level| Ok((level.map(u64::from), full_at.into())));
    result.unwrap()
}

#[test]
fn a_level_is_stored_unless_the_measurement_fails() {
    let table = BucketTable::default();
    assert_eq!(set(&table, 1, 10), None);
    assert_eq!(set(&table, 2, 20), None);
    assert_eq!(set(&table, 1, 30), Some(10));
    let failed: Result<(), _> = table.measure_and_replace(&3, |_| Err("no"));
    assert_eq!(failed, Err("no"));
    assert_eq!(set(&table, 2, 21), Some(20));
    assert_eq!(table.len(), 2);
}

#[test]
fn the_table_is_bounded_and_evicts_the_fullest_buckets() {
    let table = BucketTable::default();
    let spent = 0..1000;
    for key in spent.clone() {
        set(&table, key, 1_000_000_000);
    }
    // Add twice as many other keys as the table holds. Each is charged a little.
    let others = 2 * u32::try_from(MAX_BUCKETS).unwrap();
    for key in 0..others {
        set(&table, 1000 + key, u64::from(key));
    }
    assert!(table.len() <= MAX_BUCKETS, "{}", table.len());
    let evicted = spent.filter(|key| set(&table, *key, 0).is_none());
    assert_eq!(evicted.count(), 0);
    // The keys that were idle longest are evicted.
    assert_eq!(set(&table, 1000, 0), None);
}

#[test]
fn a_million_addresses_take_less_than_20_megabytes() {
    const { assert!(MAX_BUCKETS >= 1_000_000 && MAX_BYTES < 20_000_000) };
    let table = BucketTable::default();
    for key in 0..1_100_000 {
        set(&table, key, u64::from(key));
    }
    let groups = table.groups.iter();
    let capacity: usize = groups.map(|group| group.lock().capacity()).sum();
    assert!(capacity * size_of::<Bucket>() < 20_000_000, "{capacity}");
}
