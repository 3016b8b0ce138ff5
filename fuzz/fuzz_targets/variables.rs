//! Variables of every input type of the schema, planned and executed without a database.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|choices: &[u8]| marquee::properties::variables(choices));
