//! Checks that the playground's npm packages are installed, because the crate embeds their files.

use std::{path::Path, process::exit};

const PACKAGES: &str = "src/http/playground/node_modules";

fn main() {
    println!("cargo::rerun-if-changed={PACKAGES}/.package-lock.json");
    if !Path::new(PACKAGES).is_dir() {
        println!(
            "cargo::error=the playground's npm packages are not installed: run `make assets` once, then build again"
        );
        exit(1);
    }
}
