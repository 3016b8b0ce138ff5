//! Documents with variables: limits, parsing, validation, variables, collecting, cost.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| marquee::properties::document(input));
