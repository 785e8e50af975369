//! The binary as a person at a terminal meets it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod configuration;
mod import;
mod keeping;
mod policy;
mod reading;
mod schema;

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

fn guestgate(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_guestgate")).args(args).current_dir(dir).output().unwrap()
}

/// Everything that it printed.
fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// What it printed as JSON, and its exit code.
fn json(output: &Output) -> (serde_json::Value, Option<i32>) {
    let value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| serde_json::Value::String(said(output)));
    (value, output.status.code())
}

/// A folder that `init` has filled, with what was asked of it.
fn initialised(more: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let output = guestgate(folder.path(), &[&["init", "gate"], more].concat());
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    folder
}

/// A folder with these files in it.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}
