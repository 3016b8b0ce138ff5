//! What happens to a socket, its messages above all.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|script: &str| marquee::laws::websocket(script));
