//! The usual time of statements, by which the queue for connections tells expensive statements from cheap ones.

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hash, Hasher},
    time::Duration,
};

use foldhash::fast::RandomState;
use parking_lot::Mutex;
use sea_orm::{Statement, Value};

/// A statement that usually takes at least this time is expensive.
const EXPENSIVE_TIME: Duration = Duration::from_millis(10);

/// The maximum number of shapes. The text of a statement doesn't depend on its values, so there are far fewer.
const MAX_SHAPES: usize = 4_096;

/// The share of the latest time in the average.
const LATEST: f64 = 0.2;

/// The average times of statements by their shape.
#[derive(Debug, Default)]
pub struct StatementTimes {
    hasher: RandomState,
    times: Mutex<HashMap<StatementShape, Duration, RandomState>>,
}

/// The text of a statement, with the magnitude of its longest list: a statement for one owner is cheap, and the same
/// for a hundred may be expensive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StatementShape(u64);

impl StatementTimes {
    /// Returns the shape of a statement.
    pub fn shape(&self, statement: &Statement) -> StatementShape {
        let values = statement.values.iter().flat_map(|values| &values.0);
        let lengths = values.map(|value| match value {
            Value::Array(_, Some(list)) => list.len(),
            _ => 0,
        });
        let longest = lengths.max().unwrap_or_default();
        let mut hasher = self.hasher.build_hasher();
        statement.sql.hash(&mut hasher);
        longest.checked_ilog2().hash(&mut hasher);
        StatementShape(hasher.finish())
    }

    /// Returns whether statements of a shape are expensive. The first ones count as cheap.
    pub fn is_expensive(&self, shape: StatementShape) -> bool {
        let times = self.times.lock();
        times
            .get(&shape)
            .is_some_and(|time| *time >= EXPENSIVE_TIME)
    }

    /// Records the time of a statement.
    pub fn record(&self, shape: StatementShape, time: Duration) {
        let mut times = self.times.lock();
        if let Some(average) = times.get_mut(&shape) {
            *average = average.mul_f64(1.0 - LATEST) + time.mul_f64(LATEST);
        } else if times.len() < MAX_SHAPES {
            times.insert(shape, time);
        }
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::DbBackend;

    use super::*;

    fn statement(sql: &str, keys: &[i64]) -> Statement {
        Statement::from_sql_and_values(DbBackend::Postgres, sql, [keys.to_vec().into()])
    }

    #[test]
    fn a_statement_is_expensive_by_its_text_and_the_magnitude_of_its_lists() {
        let times = StatementTimes::default();
        let one = times.shape(&statement("SELECT 1", &[7]));
        let hundred = times.shape(&statement("SELECT 1", &[7; 100]));
        let other = times.shape(&statement("SELECT 2", &[7; 100]));
        times.record(hundred, Duration::from_millis(50));
        times.record(one, Duration::from_millis(1));
        let is_expensive = [one, hundred, other].map(|shape| times.is_expensive(shape));
        assert_eq!(is_expensive, [false, true, false]);
        assert_eq!(one, times.shape(&statement("SELECT 1", &[9])));
        assert_eq!(hundred, times.shape(&statement("SELECT 1", &[7; 90])));
    }

    #[test]
    fn the_average_follows_the_latest_times() {
        let times = StatementTimes::default();
        let shape = times.shape(&statement("SELECT 1", &[]));
        times.record(shape, Duration::from_secs(1));
        let fast = || times.record(shape, Duration::from_micros(300));
        // 0.8 to the power of 20 is 0.012.
        (0..20).for_each(|_| fast());
        assert!(times.is_expensive(shape));
        (0..5).for_each(|_| fast());
        assert!(!times.is_expensive(shape));
    }
}
