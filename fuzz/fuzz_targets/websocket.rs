//! The events of a WebSocket connection, mainly its messages.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|script: &str| marquee::properties::websocket(script));
