//! The program `marquee`. Its commands are in the library, in `commands`.

use std::process::ExitCode;

/// A response consists of thousands of small allocations that live for about a millisecond.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    marquee::commands::run_program(std::env::args_os())
}
