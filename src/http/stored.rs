//! Answers to queries, whole: as they are kept, and as they go out.

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
            AUTHORIZATION, AcceptEncoding, CACHE_CONTROL, CONTENT_ENCODING, ContentEncoding, ETAG,
            Encoding, EntityTag, Header as _, HeaderName, HeaderValue, IfNoneMatch, VARY,
        },
    },
    web::Bytes,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

use super::{accept::MediaType, prepare::Facts};
use crate::cache::{answers::Keepable, tag::Tag};

/// By which a cache in front of the server drops answers: the words of their tags, which are told on the channel [`crate::cache::CHANNEL`] when
/// they change.
const SURROGATE_KEY: HeaderName = HeaderName::from_static("surrogate-key");

/// How many bytes of tags are told. Caches take a few kilobytes; an answer with more tells none and is not to be kept there.
const MOST_KEYS: usize = 8_000;

/// The answers that are compressed, by their bytes: smaller ones save no packet, and larger ones keep a worker from its other requests for
/// longer than they are worth.
const COMPRESSED: RangeInclusive<usize> = 1_024..=65_536;

/// Of how many bytes of its hash the tag of an answer is made.
const ETAG_BYTES: usize = 16;

/// How answers can be compressed, the best first: what compresses more, and is read everywhere where it is asked for.
const ENCODINGS: [ContentEncoding; 3] = [
    ContentEncoding::Brotli,
    ContentEncoding::Zstd,
    ContentEncoding::Gzip,
];

/// The answer to a query, without an error in it.
#[derive(Debug)]
pub struct Stored {
    /// What the operation is.
    pub facts: Arc<Facts>,
    body: Bytes,
    /// What it rests on.
    tags: Box<[Tag]>,
    /// Whether everyone with the same rights is answered the same.
    is_public: bool,
    etag: OnceLock<EntityTag>,
    /// The body in each of [`ENCODINGS`], once somebody has wanted that; `None` if it is no smaller.
    encoded: [OnceLock<Option<Bytes>>; ENCODINGS.len()],
}

impl Keepable for Stored {
    /// With what it may come to be compressed to: each time less than it is.
    fn weight(&self) -> usize {
        let copies = if COMPRESSED.contains(&self.body.len()) {
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

impl Stored {
    /// An answer.
    pub fn new(facts: Arc<Facts>, body: Vec<u8>, tags: Vec<Tag>, is_public: bool) -> Self {
        Self {
            facts,
            // Without the room that was left to grow.
            body: body.into_boxed_slice().into(),
            tags: tags.into(),
            is_public,
            etag: OnceLock::new(),
            encoded: Default::default(),
        }
    }

    /// As the answer to a request. What a GET gets may be kept by whoever it passes, for `age` seconds without asking again.
    pub fn answer(&self, request: &HttpRequest, media_type: MediaType, age: u32) -> HttpResponse {
        let mut answer = HttpResponse::Ok();
        if request.method() == Method::GET {
            answer.insert_header((VARY, "accept, accept-encoding, authorization"));
            // An answer for somebody who is known is nobody else's.
            if self.is_public && !request.headers().contains_key(AUTHORIZATION) {
                let etag = self.etag();
                let keys = self.keys();
                answer.insert_header((CACHE_CONTROL, cache_control(age, keys.is_some())));
                answer.insert_header((ETAG, etag.clone()));
                if let Some(keys) = keys {
                    answer.insert_header((SURROGATE_KEY, keys));
                }
                if is_known(request, etag) {
                    return answer.status(StatusCode::NOT_MODIFIED).finish();
                }
            } else {
                answer.insert_header((CACHE_CONTROL, "no-store"));
            }
        }
        answer.insert_header(media_type.header());
        if let Some((encoding, body)) = self.compressed_for(request) {
            answer.insert_header((CONTENT_ENCODING, encoding.as_str()));
            return answer.body(body);
        }
        answer.body(self.body.clone())
    }

    /// By what it is known again. It is the same however it is compressed, so it is a weak one.
    fn etag(&self) -> &EntityTag {
        self.etag.get_or_init(|| {
            let hash = Sha256::digest(&self.body);
            EntityTag::new_weak(BASE64_URL_SAFE_NO_PAD.encode(&hash[..ETAG_BYTES]))
        })
    }

    /// Its tags as a cache knows them. `None` if there are too many, or none.
    fn keys(&self) -> Option<HeaderValue> {
        let mut keys = String::new();
        for tag in &self.tags {
            if !keys.is_empty() {
                keys.push(' ');
            }
            let _ = write!(keys, "{tag}");
        }
        let keys = Some(keys).filter(|keys| (1..=MOST_KEYS).contains(&keys.len()));
        // Letters and digits are fit for a header.
        keys.and_then(|keys| HeaderValue::try_from(keys).ok())
    }

    /// The body as the client likes it compressed, if it is smaller so. What only one client gets is left as it is: who sees how long it is
    /// could guess what stands in it.
    fn compressed_for(&self, request: &HttpRequest) -> Option<(ContentEncoding, Bytes)> {
        if !COMPRESSED.contains(&self.body.len()) || !self.is_public {
            return None;
        }
        let wanted = AcceptEncoding::parse(request).ok()?;
        let known = ENCODINGS.map(Encoding::Known);
        let identity = [Encoding::identity()];
        let Encoding::Known(wanted) = wanted.negotiate(known.iter().chain(&identity))? else {
            return None;
        };
        let place = ENCODINGS.iter().position(|known| *known == wanted)?;
        let compressed = self.encoded[place].get_or_init(|| {
            let compressed = compress(wanted, &self.body);
            let compressed = compressed.inspect_err(|error| {
                tracing::error!(error.cause = %error, "an answer could not be compressed");
            });
            let smaller = compressed
                .ok()
                .filter(|bytes| bytes.len() < self.body.len());
            smaller.map(|bytes| bytes.into_boxed_slice().into())
        });
        compressed.clone().map(|body| (wanted, body))
    }
}

fn cache_control(age: u32, can_be_dropped: bool) -> String {
    if age == 0 || !can_be_dropped {
        "public, no-cache".to_owned()
    } else {
        format!("public, max-age={age}")
    }
}

/// Whether the client has the answer of this tag already.
fn is_known(request: &HttpRequest, etag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(known)) => known.iter().any(|known| known.weak_eq(etag)),
        Err(_) => false,
    }
}

/// Compresses as well as it goes in a millisecond or a few.
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
