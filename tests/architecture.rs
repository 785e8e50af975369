//! The floors of the house, read off the sources: imports run downwards only, the pure rooms stay pure, only the front door prints.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::large_futures,
    unreachable_pub,
    reason = "what fails here fails the test; a test has its own machine"
)]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Each room and its floor; a room may name only rooms on lower floors (`ARCHITECTURE.md`).
const FLOORS: [(&str, u8); 16] = [
    ("base", 0),
    ("policy", 1),
    ("directory", 1),
    ("config", 1),
    ("language", 1),
    ("identity", 2),
    ("observe", 2),
    ("store", 3),
    ("outbound", 3),
    ("live", 4),
    ("web", 4),
    ("gateway", 5),
    ("portal", 5),
    ("admin", 5),
    ("serve", 6),
    ("cli", 7),
];

/// Rooms that know neither I/O nor time of their own.
const PURE: [&str; 6] = ["base", "policy", "directory", "config", "language", "identity"];

/// What a pure room may not say.
const IMPURE: [&str; 9] =
    ["tokio", "hyper::", "async fn", "std::net::Tcp", "std::net::Udp", "Instant::now", "SystemTime::now", "std::fs::", "std::env::"];

fn sources() -> BTreeMap<String, Vec<(PathBuf, String)>> {
    let mut rooms: BTreeMap<String, Vec<(PathBuf, String)>> = BTreeMap::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let inside = path.strip_prefix(&root).unwrap().to_owned();
                let Some(room) = inside.components().next().filter(|_| inside.components().count() > 1) else { continue };
                if inside.components().any(|c| c.as_os_str() == "tests") || inside.ends_with("tests.rs") {
                    continue;
                }
                let text = fs::read_to_string(&path).unwrap();
                rooms.entry(room.as_os_str().to_string_lossy().into_owned()).or_default().push((inside, text));
            }
        }
    }
    rooms
}

/// The lines that are code: no comments, and nothing from the tests at the end of a file.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let end = text.find("#[cfg(test)]\nmod ").unwrap_or(text.len());
    text[..end]
        .lines()
        .enumerate()
        .map(|(n, line)| (n + 1, line.split("//").next().unwrap_or_default()))
        .filter(|(_, l)| !l.trim().is_empty())
}

fn floor(room: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == room).map(|(_, floor)| *floor)
}

/// The rooms that a line names, as `crate::room`, also in `crate::{a::…, b::…}`.
fn rooms_named(line: &str) -> Vec<String> {
    let word = |rest: &str| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    line.match_indices("crate::").map(|(at, _)| word(&line[at + "crate::".len()..])).filter(|w| !w.is_empty()).collect()
}

#[test]
fn every_room_has_a_floor_and_a_door_with_a_description() {
    for (room, files) in sources() {
        assert!(floor(&room).is_some(), "src/{room} is on no floor; add it to ARCHITECTURE.md and to this test");
        let door = files.iter().find(|(path, _)| path.file_name().is_some_and(|f| f == "mod.rs") && path.components().count() == 2);
        let (_, text) = door.unwrap_or_else(|| panic!("src/{room} has no mod.rs"));
        assert!(text.starts_with("//! "), "src/{room}/mod.rs does not say what the room is for");
    }
}

#[test]
fn imports_run_downwards_only() {
    let mut wrong = Vec::new();
    for (room, files) in sources() {
        let here = floor(&room).unwrap_or_default();
        for (path, text) in files {
            let grouped = text.contains("use crate::{");
            let joined = if grouped { join_groups(&text) } else { text.clone() };
            for (line_number, line) in code(&joined) {
                for named in rooms_named(line) {
                    if named != room && floor(&named).is_some_and(|there| there >= here) {
                        wrong.push(format!("{}:{line_number}: {room} (floor {here}) names {named}", path.display()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Writes `use crate::{a::X, b::{Y, Z}};` as `crate::a::X … crate::b::…` on its first line, so that a line scan sees every room.
fn join_groups(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("use crate::{") {
        let (before, group) = rest.split_at(at);
        out.push_str(before);
        let body = &group["use crate::{".len()..];
        let mut depth = 1;
        let mut top = String::new();
        let mut end = body.len();
        for (ix, c) in body.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => top.push_str(" crate::"),
                c if depth == 1 && !c.is_whitespace() => top.push(c),
                _ => {}
            }
            if depth == 0 {
                end = ix + 1;
                break;
            }
        }
        out.push_str(&format!("use crate::{top}"));
        out.push_str(&"\n".repeat(body[..end].matches('\n').count()));
        rest = &body[end..];
    }
    out.push_str(rest);
    out
}

#[test]
fn the_group_reader_sees_every_room_of_a_group() {
    let joined = join_groups("use crate::{\n    base::{A, B},\n    store::C,\n};\nfn f() {}\n");
    assert_eq!(rooms_named(joined.lines().next().unwrap()), ["base", "store"]);
    assert_eq!(joined.lines().count(), 5);
}

#[test]
fn the_pure_rooms_do_no_io_and_read_no_clock() {
    let mut wrong = Vec::new();
    for (room, files) in sources().into_iter().filter(|(room, _)| PURE.contains(&room.as_str())) {
        for (path, text) in files {
            for (number, line) in code(&text) {
                wrong.extend(
                    IMPURE.iter().filter(|w| line.contains(**w)).map(|w| format!("{}:{number}: {room} says `{w}`", path.display())),
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn time_is_asked_of_the_clock_alone() {
    let mut wrong = Vec::new();
    for (room, files) in sources() {
        for (path, text) in files.iter().filter(|(path, _)| room != "serve" || !path.ends_with("clock.rs")) {
            for (number, line) in code(text) {
                if line.contains("SystemTime::now") {
                    wrong.push(format!("{}:{number}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "ask the Clock: {}", wrong.join("\n"));
}

#[test]
fn nothing_is_left_for_later_in_the_code() {
    let mut wrong = Vec::new();
    for files in sources().values() {
        for (path, text) in files {
            for (number, line) in text.lines().enumerate() {
                for word in ["todo!", "unimplemented!", "FIXME", "dbg!("] {
                    if line.contains(word) {
                        wrong.push(format!("{}:{}: {word}", path.display(), number + 1));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
