//! Global ids.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| marquee::properties::global_id(text));
