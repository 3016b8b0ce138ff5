//! A response body that owns a value until it is written or the client disconnects.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    web::Bytes,
};

/// Moves `guard` into the response's body, which drops it once the response is written or the client disconnects.
pub fn with_guard<T: Unpin + 'static>(response: HttpResponse, guard: T) -> HttpResponse {
    response.map_body(|_, body| {
        BoxBody::new(GuardedBody {
            body,
            _guard: guard,
        })
    })
}

struct GuardedBody<T> {
    body: BoxBody,
    _guard: T,
}

impl<T: Unpin> MessageBody for GuardedBody<T> {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}
