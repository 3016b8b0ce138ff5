#!/usr/bin/env bash
# chardetng, the detector of encodings that Firefox uses, takes an English text in windows-1252 with one accented letter and typographic quotation
# marks for windows-1257 (Baltic), and reads its "ï" as "ļ". A price with a pound sign alone becomes windows-1250 (Central European), and reads as "Ł".
# One would expect windows-1252, the encoding of nearly all English files of spreadsheets. `guess` tells no certainty, so a caller can't see that it is
# one. With the domain of a top level, "com", it guesses no better.
set -euo pipefail
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "guesses"
version = "0.0.0"
edition = "2024"

[dependencies]
chardetng = "=1.0.0"
encoding_rs = "=0.8.35"
TOML
cat >src/main.rs <<'RUST'
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, WINDOWS_1252};

fn guess(bytes: &[u8], domain: Option<&[u8]>) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(domain, Utf8Detection::Deny)
}

fn main() {
    println!("chardetng 1.0.0");
    for (text, expected) in [("a naïve “quoted” film – it’s long", "windows-1257"), ("Tickets are £5", "windows-1250")] {
        let (bytes, _, _) = WINDOWS_1252.encode(text);
        for domain in [None, Some(b"com".as_slice())] {
            let guessed = guess(&bytes, domain);
            let (read, _) = guessed.decode_without_bom_handling(&bytes);
            let domain = domain.map(String::from_utf8_lossy);
            println!("{text:?} in windows-1252, domain {domain:?}: guessed {}, which reads {read:?}", guessed.name());
            assert_eq!(guessed.name(), expected);
        }
    }
}
RUST
cargo run --quiet
