//! Complete responses to queries: their cache entries and their HTTP responses.

use std::{
    fmt::Write as _,
    io,
    ops::RangeInclusive,
    sync::{Arc, OnceLock},
};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method, StatusCode,
        header::{
            AUTHORIZATION, AcceptEncoding, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LANGUAGE,
            ContentEncoding, ETAG, Encoding, EntityTag, Header as _, HeaderName, HeaderValue,
            IfNoneMatch, VARY,
        },
    },
    web::Bytes,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

use super::{accept::MediaType, prepare::OperationInfo};
use crate::cache::{response_cache::Cacheable, tag::Tag};

/// The header with which a cache in front of the server invalidates responses. It lists the response's tags, which are
/// notified on the channel [`crate::cache::INVALIDATION_CHANNEL`] when the tagged data changes.
const SURROGATE_KEY: HeaderName = HeaderName::from_static("surrogate-key");

/// The maximum size of the `Surrogate-Key` header in bytes. Caches accept a few kilobytes. A response with more has no
/// such header and requires revalidation.
const MAX_SURROGATE_KEY_BYTES: usize = 8_000;

/// The sizes of responses that are compressed, in bytes. Compressing a smaller one saves no packet. Compressing a
/// larger one delays the worker's other requests for too long.
const COMPRESSIBLE_BYTES: RangeInclusive<usize> = 1_024..=65_536;

/// The number of bytes of the hash that form the `ETag`.
const ETAG_BYTES: usize = 16;

/// The supported encodings, in order of preference.
const ENCODINGS: [ContentEncoding; 3] = [
    ContentEncoding::Brotli,
    ContentEncoding::Zstd,
    ContentEncoding::Gzip,
];

/// The response to a query, without errors.
#[derive(Debug)]
pub struct CachedResponse {
    /// The properties of the operation.
    pub operation: Arc<OperationInfo>,
    body: Bytes,
    /// The tags of the data that the response depends on.
    tags: Box<[Tag]>,
    /// Whether all callers with the same rights get the same response.
    is_public: bool,
    /// The language of the response, if it has labels in the language of the request.
    pub content_language: Option<HeaderValue>,
    etag: OnceLock<EntityTag>,
    /// The body in each of [`ENCODINGS`], compressed on first use. `None` if compression does not make it smaller.
    encoded_bodies: [OnceLock<Option<Bytes>>; ENCODINGS.len()],
}

impl Cacheable for CachedResponse {
    /// Returns the size in bytes, including the copies in all encodings, each of which is smaller than the body.
    fn weight(&self) -> usize {
        let copies = if COMPRESSIBLE_BYTES.contains(&self.body.len()) {
            1 + ENCODINGS.len()
        } else {
            1
        };
        size_of::<Self>() + copies * self.body.len() + size_of_val(&*self.tags)
    }

    fn tags(&self) -> &[Tag] {
        &self.tags
    }
}

impl CachedResponse {
    /// Creates a response from its JSON body.
    pub fn new(
        operation: Arc<OperationInfo>,
        body: Vec<u8>,
        tags: Vec<Tag>,
        is_public: bool,
    ) -> Self {
        Self {
            operation,
            // Drops the spare capacity.
            body: body.into_boxed_slice().into(),
            tags: tags.into(),
            is_public,
            content_language: None,
            etag: OnceLock::new(),
            encoded_bodies: Default::default(),
        }
    }

    /// Sets the language of the response, if it has labels in the language of the request.
    pub fn with_content_language(self, content_language: Option<HeaderValue>) -> Self {
        Self {
            content_language,
            ..self
        }
    }

    /// Converts the response to an HTTP response. Caches may store the response to a GET or HEAD, and reuse it for
    /// `max_age` seconds without revalidation.
    pub fn to_http_response(
        &self,
        request: &HttpRequest,
        media_type: MediaType,
        max_age: u32,
    ) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        if let Some(language) = &self.content_language {
            response.insert_header((CONTENT_LANGUAGE, language.clone()));
        }
        if [Method::GET, Method::HEAD].contains(request.method()) {
            let vary = if self.content_language.is_some() {
                "accept, accept-encoding, accept-language, authorization"
            } else {
                "accept, accept-encoding, authorization"
            };
            response.insert_header((VARY, vary));
            // Shared caches must not store the response to an authenticated request.
            if self.is_public && !request.headers().contains_key(AUTHORIZATION) {
                let etag = self.etag();
                let keys = self.surrogate_keys();
                response.insert_header((CACHE_CONTROL, cache_control(max_age, keys.is_some())));
                response.insert_header((ETAG, etag.clone()));
                if let Some(keys) = keys {
                    response.insert_header((SURROGATE_KEY, keys));
                }
                if matches_etag(request, etag) {
                    return response.status(StatusCode::NOT_MODIFIED).finish();
                }
            } else {
                response.insert_header((CACHE_CONTROL, "no-store"));
            }
        }
        response.insert_header(media_type.header());
        if let Some((encoding, body)) = self.compressed_for(request) {
            response.insert_header((CONTENT_ENCODING, encoding.as_str()));
            return response.body(body);
        }
        response.body(self.body.clone())
    }

    /// Returns the `ETag`. It is weak, because it is the same for all encodings.
    fn etag(&self) -> &EntityTag {
        self.etag.get_or_init(|| {
            let hash = Sha256::digest(&self.body);
            EntityTag::new_weak(BASE64_URL_SAFE_NO_PAD.encode(&hash[..ETAG_BYTES]))
        })
    }

    /// Returns the value of the `Surrogate-Key` header. `None` if there are no tags, or too many.
    fn surrogate_keys(&self) -> Option<HeaderValue> {
        let mut keys = String::new();
        for tag in &self.tags {
            if !keys.is_empty() {
                keys.push(' ');
            }
            let _ = write!(keys, "{tag}");
        }
        let keys = Some(keys).filter(|keys| (1..=MAX_SURROGATE_KEY_BYTES).contains(&keys.len()));
        // The tags are ASCII, so the value is valid in a header.
        keys.and_then(|keys| HeaderValue::try_from(keys).ok())
    }

    /// Returns the body in the client's preferred encoding, if that makes it smaller. A private response is not
    /// compressed, because its compressed length could reveal its content to an eavesdropper.
    fn compressed_for(&self, request: &HttpRequest) -> Option<(ContentEncoding, Bytes)> {
        if !COMPRESSIBLE_BYTES.contains(&self.body.len()) || !self.is_public {
            return None;
        }
        let accepted = AcceptEncoding::parse(request).ok()?;
        let supported = ENCODINGS.map(Encoding::Known);
        let identity = [Encoding::identity()];
        let Encoding::Known(preferred) = accepted.negotiate(supported.iter().chain(&identity))?
        else {
            return None;
        };
        let index = ENCODINGS
            .iter()
            .position(|encoding| *encoding == preferred)?;
        let compressed = self.encoded_bodies[index].get_or_init(|| {
            let compressed = compress(preferred, &self.body);
            let compressed = compressed.inspect_err(|error| {
                tracing::error!(error.cause = %error, "a response could not be compressed");
            });
            let smaller = compressed
                .ok()
                .filter(|bytes| bytes.len() < self.body.len());
            smaller.map(|bytes| bytes.into_boxed_slice().into())
        });
        compressed.clone().map(|body| (preferred, body))
    }
}

fn cache_control(max_age: u32, can_be_invalidated: bool) -> String {
    if max_age == 0 || !can_be_invalidated {
        "public, no-cache".to_owned()
    } else {
        format!("public, max-age={max_age}")
    }
}

/// Returns whether the client already has the response with this `ETag`.
fn matches_etag(request: &HttpRequest, etag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|tag| tag.weak_eq(etag)),
        Err(_) => false,
    }
}

/// Compresses a body. The levels are chosen to take a few milliseconds at most.
fn compress(encoding: ContentEncoding, body: &[u8]) -> io::Result<Vec<u8>> {
    let mut compressed = Vec::with_capacity(body.len() / 2);
    match encoding {
        ContentEncoding::Brotli => {
            let settings = brotli::enc::BrotliEncoderParams {
                quality: 4,
                ..Default::default()
            };
            brotli::BrotliCompress(&mut &*body, &mut compressed, &settings)?;
        }
        ContentEncoding::Zstd => zstd::stream::copy_encode(body, &mut compressed, 3)?,
        _ => {
            let mut encoder = GzEncoder::new(compressed, flate2::Compression::new(5));
            io::Write::write_all(&mut encoder, body)?;
            compressed = encoder.finish()?;
        }
    }
    Ok(compressed)
}
