//! A body of an answer that keeps something for as long as it isn't written, or its client gone.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    web::Bytes,
};

/// The answer, which keeps `held` until it is written.
pub fn hold<T: Unpin + 'static>(answer: HttpResponse, held: T) -> HttpResponse {
    answer.map_body(|_, body| BoxBody::new(Holding { body, _held: held }))
}

struct Holding<T> {
    body: BoxBody,
    _held: T,
}

impl<T: Unpin> MessageBody for Holding<T> {
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
