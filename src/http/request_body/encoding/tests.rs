use std::io::Write;

use actix_web::http::{StatusCode, header::HeaderValue};
use brotli::enc::BrotliEncoderParams;
use flate2::{
    Compression,
    write::{DeflateEncoder, GzEncoder, ZlibEncoder},
};

use super::*;

fn encoding(values: &[&'static str]) -> Result<Option<BodyEncoding>, HttpError> {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(CONTENT_ENCODING, HeaderValue::from_static(value));
    }
    BodyEncoding::of(&headers)
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

/// Returns a body in every encoding. That of deflate has two forms.
fn encoded(body: &[u8]) -> [(BodyEncoding, Vec<u8>); 5] {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
    zlib.write_all(body).unwrap();
    let mut raw = DeflateEncoder::new(Vec::new(), Compression::best());
    raw.write_all(body).unwrap();
    let mut brotli = Vec::new();
    brotli::BrotliCompress(&mut &*body, &mut brotli, &BrotliEncoderParams::default()).unwrap();
    [
        (BodyEncoding::Gzip, gzip(body)),
        (BodyEncoding::Deflate, zlib.finish().unwrap()),
        (BodyEncoding::Deflate, raw.finish().unwrap()),
        (BodyEncoding::Brotli, brotli),
        (
            BodyEncoding::Zstd,
            zstd::stream::encode_all(body, 19).unwrap(),
        ),
    ]
}

#[test]
fn one_encoding_is_read_by_any_of_its_names() {
    for (values, expected) in [
        (&[][..], None),
        (&["Identity"], None),
        (&[""], None),
        (&["identity, identity"], None),
        (&["gzip"], Some(BodyEncoding::Gzip)),
        (&["X-GZIP"], Some(BodyEncoding::Gzip)),
        (&["gzip , identity"], Some(BodyEncoding::Gzip)),
        (&["identity", "br"], Some(BodyEncoding::Brotli)),
        (&["deflate"], Some(BodyEncoding::Deflate)),
        (&["zstd"], Some(BodyEncoding::Zstd)),
    ] {
        assert_eq!(encoding(values).unwrap(), expected, "{values:?}");
    }
    for values in [
        &["compress"][..],
        &["gzip, br"],
        &["gzip", "gzip"],
        &["aws-chunked"],
        &["gzip;q=1"],
    ] {
        let error = encoding(values).unwrap_err();
        assert_eq!(error.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
        assert!(error.errors_json().contains(SUPPORTED), "{error:?}");
    }
}

#[test]
fn a_body_is_decompressed_up_to_its_limit() {
    let body = br#"{"query": "{ __typename }"}"#;
    for (encoding, bytes) in encoded(body) {
        let limit = body.len();
        assert_eq!(encoding.decode(&bytes, limit).unwrap(), &body[..]);
        let error = encoding.decode(&bytes, limit - 1).unwrap_err();
        assert_eq!(error.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }
}

#[test]
fn a_bomb_is_rejected_at_the_limit() {
    let zeros = vec![0; 64 << 20];
    for (encoding, bytes) in encoded(&zeros) {
        assert!(bytes.len() < 100_000, "{encoding:?} {}", bytes.len());
        let error = encoding.decode(&bytes, 1 << 20).unwrap_err();
        assert_eq!(error.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }
    // A reader that would produce more must not be read any further.
    let endless = io::repeat(b' ').take(u64::MAX);
    assert_eq!(read(endless, 1_000).unwrap(), None);
}

#[test]
fn bytes_of_another_encoding_are_rejected_with_its_name() {
    let body = br#"{"query": "{ __typename }"}"#;
    for (encoding, bytes) in encoded(body) {
        for bad in [&body[..], &bytes[..bytes.len() / 2], b""] {
            let error = encoding.decode(bad, 1 << 20).unwrap_err();
            assert_eq!(error.status(), StatusCode::BAD_REQUEST, "{encoding:?}");
            assert!(error.errors_json().contains(encoding.name()), "{error:?}");
        }
    }
}

#[test]
fn a_window_of_gigabytes_is_rejected() {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(27).unwrap();
    encoder.include_contentsize(false).unwrap();
    encoder.write_all(&[b' '; 1_000]).unwrap();
    let bytes = encoder.finish().unwrap();
    let error = BodyEncoding::Zstd.decode(&bytes, 1 << 20).unwrap_err();
    assert_eq!(error.status(), StatusCode::BAD_REQUEST);
}

#[test]
fn a_brotli_body_with_a_large_window_is_rejected() {
    // Empty bodies with windows of 4 MiB and 1 GiB: six bits of the window, and two of the last and empty block.
    for bytes in [
        &[0x11, 0xc0 | 0x16][..],
        &[0x11, 0xc0 | 0x1e],
        &[0x11],
        &[0x91],
    ] {
        let error = BodyEncoding::Brotli.decode(bytes, 1 << 20).unwrap_err();
        assert_eq!(error.status(), StatusCode::BAD_REQUEST);
        assert!(error.errors_json().contains("large window"), "{error:?}");
    }
}

#[test]
fn every_window_of_the_brotli_standard_is_accepted() {
    let body = br#"{"query": "{ __typename }"}"#;
    for lgwin in 10..=24 {
        let parameters = BrotliEncoderParams {
            lgwin,
            quality: 5,
            ..BrotliEncoderParams::default()
        };
        let mut bytes = Vec::new();
        brotli::BrotliCompress(&mut &body[..], &mut bytes, &parameters).unwrap();
        let decoded = BodyEncoding::Brotli.decode(&bytes, body.len()).unwrap();
        assert_eq!(decoded, &body[..], "{lgwin}");
    }
}

#[test]
fn a_body_of_gzip_is_a_single_member() {
    let limit = 1_000;
    let mut members = gzip(b"");
    members.extend(gzip(b"{}"));
    let mut followed = gzip(b"{}");
    followed.extend(b"xxxx");
    for body in [members, followed] {
        assert!(BodyEncoding::Gzip.decode(&body, limit).is_err());
    }
}
