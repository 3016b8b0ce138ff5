//! The costs of valid operations.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|choices: &[u8]| marquee::properties::cost(choices));
