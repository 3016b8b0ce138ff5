//! The time that an execution takes on its worker.

use std::{future::poll_fn, pin::pin, time::Instant};

use futures_util::{Stream, stream};

use crate::database::session::Session;

/// Adds the time in which `future` is polled to the session. The time in which it waits is not added.
pub async fn measure<T>(session: &Session, future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    poll_fn(|context| measure_call(session, || future.as_mut().poll(context))).await
}

/// Adds the time in which `stream` is polled to the session. The time in which it waits is not added.
pub fn measure_stream<S: Stream>(session: Session, stream: S) -> impl Stream<Item = S::Item> {
    let mut stream = Box::pin(stream);
    stream::poll_fn(move |context| measure_call(&session, || stream.as_mut().poll_next(context)))
}

fn measure_call<T>(session: &Session, call: impl FnOnce() -> T) -> T {
    let started_at = Instant::now();
    let result = call();
    session.add_used_time(started_at.elapsed());
    result
}
