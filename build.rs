//! Builds the dashboard's pages from `static/` with Node.js, for `src/web/assets.rs` to embed.
//!
//! What of third parties goes into them is fetched by npm as `static/package-lock.json` fixes it; nothing of it is committed.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// What the pages are made of.
const SOURCES: [&str; 6] = [
    "static/src",
    "static/index.html",
    "static/build.mjs",
    "static/package.json",
    "static/package-lock.json",
    "static/.npmrc",
];

fn main() -> ExitCode {
    for source in SOURCES {
        println!("cargo::rerun-if-changed={source}");
    }
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            println!("cargo::error=the dashboard's pages were not built: {why}");
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<(), String> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo says no folder")?);
    let pages = root.join("static");
    run("node", &["--version"], &pages)?;
    fetch(&pages)?;
    // Into static/dist, where `npm run watch` writes as well: a debug build reads the pages from there as it runs.
    run("node", &["build.mjs"], &pages)
}

/// Has npm fetch the packages of the lock file, if they are not there yet.
fn fetch(pages: &Path) -> Result<(), String> {
    let changed = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).ok();
    // npm writes it last.
    let fetched = changed(&pages.join("node_modules/.package-lock.json"));
    let wanted = changed(&pages.join("package-lock.json"));
    if fetched.is_some() && fetched >= wanted {
        return Ok(());
    }
    run(
        "npm",
        &["ci", "--no-audit", "--no-fund", "--loglevel=error"],
        pages,
    )
}

fn run(program: &str, arguments: &[&str], folder: &Path) -> Result<(), String> {
    let done = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output();
    let done = done.map_err(|error| {
        format!(
            "`{program}` cannot be run ({error}). Node.js 20 or later with npm is needed to build the hub: \
             install it (Debian, Ubuntu: apt-get install nodejs npm; others: nodejs.org) and build again"
        )
    })?;
    if done.status.success() {
        return Ok(());
    }
    // One line a message: cargo shows each as an error of its own.
    let said = String::from_utf8_lossy(&done.stderr);
    for line in said.lines().take(30) {
        println!("cargo::warning={line}");
    }
    Err(format!(
        "`{program} {}` failed ({}); its words stand above",
        arguments.join(" "),
        done.status
    ))
}
