//! Compressed request bodies.
//!
//! A few compressed bytes may expand to gigabytes. So a body is decompressed only up to the limit of its size, and the
//! windows of the decoders are bounded: 32 KiB for gzip and deflate, 8 MiB for zstd, 16 MiB for brotli. A decoder may
//! fill its window before it returns the first byte, so the limit alone does not bound its memory.

use std::io::{self, Read};

use actix_web::{
    http::header::{CONTENT_ENCODING, HeaderMap},
    web::Bytes,
};
use flate2::{
    bufread::GzDecoder,
    read::{DeflateDecoder, ZlibDecoder},
};

use crate::http::http_error::HttpError;

/// The supported encodings, as in the `Accept-Encoding` header.
pub const SUPPORTED: &str = "gzip, deflate, br, zstd";

/// The maximum window of zstd, as a power of two: 8 MiB, which every decoder has to support (RFC 8878).
const ZSTD_WINDOW_LOG: u32 = 23;

/// The size of the input buffer of the brotli decoder.
const BROTLI_BUFFER_BYTES: usize = 4 << 10;

/// The encoding of a compressed body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyEncoding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

impl BodyEncoding {
    /// Returns the encoding of a request's body, or `None` if it is not compressed.
    ///
    /// # Errors
    ///
    /// When the encoding is not supported, or the body is compressed more than once.
    pub fn of(headers: &HeaderMap) -> Result<Option<Self>, HttpError> {
        let mut found = None;
        for value in headers.get_all(CONTENT_ENCODING) {
            let value = value.to_str().map_err(|_| unsupported())?;
            for name in value.split(',').map(str::trim) {
                let encoding = match name.to_ascii_lowercase().as_str() {
                    "" | "identity" => continue,
                    "gzip" | "x-gzip" => Self::Gzip,
                    "deflate" => Self::Deflate,
                    "br" => Self::Brotli,
                    "zstd" => Self::Zstd,
                    _ => return Err(unsupported()),
                };
                if found.replace(encoding).is_some() {
                    return Err(unsupported());
                }
            }
        }
        Ok(found)
    }

    /// Decompresses a body of at most `limit` bytes.
    ///
    /// # Errors
    ///
    /// When the body is larger, or its bytes are not of this encoding.
    pub fn decode(self, body: &[u8], limit: usize) -> Result<Bytes, HttpError> {
        let decoded = match self {
            Self::Gzip => gzip(body, limit),
            // Some clients send the raw format, without the header of zlib that RFC 9110 requires.
            Self::Deflate if has_zlib_header(body) => read(ZlibDecoder::new(body), limit),
            Self::Deflate => read(DeflateDecoder::new(body), limit),
            Self::Brotli if has_large_window(body) => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "it has a large window, an extension that is not supported",
            )),
            Self::Brotli => read(brotli::Decompressor::new(body, BROTLI_BUFFER_BYTES), limit),
            Self::Zstd => zstd_decoder(body).and_then(|decoder| read(decoder, limit)),
        };
        match decoded {
            Ok(Some(decoded)) => Ok(decoded.into()),
            Ok(None) => Err(HttpError::body_too_large(limit)),
            Err(error) => Err(HttpError::bad_request(format!(
                "the request body can't be decompressed as {}: {error}",
                self.name()
            ))),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }
}

/// Reads at most `limit` bytes. Returns `None` if there are more.
fn read(decoder: impl Read, limit: usize) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    let length = decoder
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok(Some(bytes).filter(|_| u64::try_from(length).is_ok_and(|length| length <= limit)))
}

/// Reads a single member: a body of many empty ones takes long to decompress and contains nothing.
fn gzip(compressed: &[u8], limit: usize) -> io::Result<Option<Vec<u8>>> {
    let mut decoder = GzDecoder::new(compressed);
    let body = read(&mut decoder, limit)?;
    if body.is_some() && !decoder.into_inner().is_empty() {
        let message = "bytes follow its end; send a single member";
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    Ok(body)
}

fn zstd_decoder(body: &[u8]) -> io::Result<impl Read> {
    let mut decoder = zstd::stream::read::Decoder::with_buffer(body)?;
    decoder.window_log_max(ZSTD_WINDOW_LOG)?;
    Ok(decoder)
}

/// Returns whether bytes begin with the header of a large window, an extension of brotli that the decoder accepts.
/// Such a window has up to 1 GiB. The standard forbids these seven bits (RFC 7932, 9.1), so no other stream begins with
/// them.
fn has_large_window(body: &[u8]) -> bool {
    body.first().is_some_and(|byte| byte & 0x7f == 0x11)
}

/// Returns whether bytes begin with the header of zlib (RFC 1950, 2.2).
fn has_zlib_header(body: &[u8]) -> bool {
    match *body {
        [method, flags, ..] => {
            method & 0x0f == 8 && u16::from_be_bytes([method, flags]).is_multiple_of(31)
        }
        _ => false,
    }
}

fn unsupported() -> HttpError {
    HttpError::unsupported_content_encoding(SUPPORTED)
}

#[cfg(test)]
mod tests;
