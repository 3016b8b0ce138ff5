//! A timeout that distinguishes a database that is away from a machine that is busy.
//!
//! On a busy machine PostgreSQL responds late because its processes are not scheduled. This process isn't scheduled then
//! either, so its timers fire late, and by about the same delay. The timeout therefore waits in slices, and a slice
//! counts for its nominal length, however late its timer fires.

use std::time::{Duration, Instant};

use tokio::time::sleep;

/// The number of slices of a timeout.
const SLICES: u32 = 32;

/// The maximum time of a timeout, as a multiple of its nominal length.
pub const MAX_STRETCH: u32 = 4;

/// The time has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed;

/// Waits for a future at most for the time `limit`, in which delays of this process don't count.
///
/// # Errors
///
/// When the future is not ready in time. It is dropped.
pub async fn stall_aware_timeout<T>(
    limit: Duration,
    future: impl Future<Output = T>,
) -> Result<T, Elapsed> {
    let started_at = Instant::now();
    let mut future = std::pin::pin!(future);
    for _ in 0..SLICES {
        tokio::select! {
            biased;
            output = &mut future => return Ok(output),
            () = sleep(limit / SLICES) => {}
        }
        if started_at.elapsed() >= limit * MAX_STRETCH {
            break;
        }
    }
    Err(Elapsed)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use futures_util::future::pending;
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn delays_of_this_process_do_not_count() {
        let limit = Duration::from_millis(320);
        let response = sleep(Duration::from_millis(480));
        // Blocks the only thread for most of the time, as a busy machine does.
        let busy = async {
            for _ in 0..10 {
                thread::sleep(Duration::from_millis(40));
                tokio::task::yield_now().await;
            }
            pending::<()>().await;
        };
        tokio::select! {
            response = stall_aware_timeout(limit, response) => assert_eq!(response, Ok(())),
            () = busy => unreachable!(),
        }
    }

    #[tokio::test]
    async fn an_idle_process_waits_for_the_nominal_time() {
        let limit = Duration::from_millis(64);
        let started_at = Instant::now();
        let result = timeout(
            limit * MAX_STRETCH * 2,
            stall_aware_timeout(limit, pending::<()>()),
        );
        assert_eq!(result.await, Ok(Err(Elapsed)));
        assert!(started_at.elapsed() >= limit);
    }
}
