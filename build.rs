//! Checks that the playground's npm packages are installed, because the crate embeds their files. Passes the
//! name of the Cargo profile to the crate, for the log.

use std::{
    env,
    path::{Path, PathBuf},
    process::exit,
};

const PACKAGES: &str = "src/http/playground/node_modules";

fn main() {
    println!("cargo::rerun-if-changed={PACKAGES}/.package-lock.json");
    if !Path::new(PACKAGES).is_dir() {
        println!(
            "cargo::error=the playground's npm packages are not installed: run `make assets` once, then build again"
        );
        exit(1);
    }
    println!("cargo::rustc-env=MARQUEE_BUILD_PROFILE={}", profile());
}

/// Returns the name of the profile. Cargo itself only passes on the profile that a custom one inherits from, but the
/// output directory is `…/PROFILE/build/PACKAGE/out`.
fn profile() -> String {
    let out = env::var_os("OUT_DIR").map(PathBuf::from);
    let directory = out.as_deref().and_then(|out| out.ancestors().nth(3));
    let name = directory.and_then(Path::file_name);
    name.map_or_else(
        || "unknown".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}
