//! Pages of reviews.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| marquee::properties::page(text));
