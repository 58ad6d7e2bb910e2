//! Notes which commit the program is built from: that of the folder, or what `BUILD_COMMIT` says where there is none.

use std::env::var_os;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-env-changed=BUILD_COMMIT");
    // It grows with every commit, whatever is checked out.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo::rerun-if-changed={log}");
    }
    let given = var_os("BUILD_COMMIT").and_then(|commit| commit.into_string().ok());
    let commit = given
        .filter(|commit| !commit.trim().is_empty())
        .or_else(|| git(&["rev-parse", "HEAD"]));
    let commit = commit.as_deref().map_or("unknown", str::trim);
    println!("cargo::rustc-env=BUILD_COMMIT={commit}");
}

/// What git says. `None` if it is no repository, or there is no git.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let said = output.status.success().then_some(output.stdout)?;
    Some(String::from_utf8(said).ok()?.trim().to_owned())
}
