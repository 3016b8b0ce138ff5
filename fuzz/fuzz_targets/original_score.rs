//! Scores as critics write them.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| marquee::properties::original_score(text));
