//! One path in several spellings: what a careless application would take for a forbidden path never reaches it.

use proptest::{
    collection::vec,
    prelude::*,
    sample::select,
    test_runner::{Config, TestRunner},
};

use super::{Scene, codes};
use crate::{full, kit::Plan};

/// Parts of which paths are made.
const PARTS: [&str; 40] = [
    "/",
    "/",
    "/",
    "//",
    "admin",
    "%61dmin",
    "a%64min",
    "ADMIN",
    "Admin",
    "open",
    "x",
    ".",
    "..",
    "...",
    "%2e",
    "%2E%2e",
    ".%2e",
    "%2f",
    "%2F",
    "\\",
    "%5c",
    "%5C",
    ";",
    ";x=1",
    "%3b",
    "%00",
    "%0a",
    "%09",
    "%20",
    "%25",
    "%252e",
    "%252f",
    "%c0%af",
    "%e2%88%95",
    "%uff0f",
    "?",
    "?a=/../admin",
    "/./",
    "/../",
    "..;/",
];

/// The readings that some server gives a target: each step may or may not be taken.
fn readings(target: &str) -> Vec<String> {
    let path = target.split(['?', '#']).next().unwrap();
    let mut all = vec![path.to_owned()];
    for step in [once, overlong, slashes, parameters, empties, dots, parameters, dots] {
        for ix in 0..all.len() {
            let read = step(&all[ix]);
            if !all.contains(&read) {
                all.push(read);
            }
        }
    }
    all.iter().map(|path| path.to_ascii_lowercase()).collect()
}

fn once(path: &str) -> String {
    percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned()
}

fn overlong(path: &str) -> String {
    path.replace("%c0%af", "/").replace("%uff0f", "/").replace('\0', "")
}

fn slashes(path: &str) -> String {
    path.replace('\\', "/")
}

fn parameters(path: &str) -> String {
    path.split('/').map(|s| s.split(';').next().unwrap()).collect::<Vec<_>>().join("/")
}

fn empties(path: &str) -> String {
    let mut path = path.to_owned();
    while path.contains("//") {
        path = path.replace("//", "/");
    }
    path
}

fn dots(path: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "." => {}
            ".." => drop(out.pop()),
            other => out.push(other),
        }
    }
    let joined = out.join("/");
    if joined.starts_with('/') { joined } else { format!("/{joined}") }
}

fn is_forbidden(path: &str) -> bool {
    path == "/admin" || path.starts_with("/admin/")
}

const POLICY: &str =
    "app: charts\npolicies:\n  - name: nobody-administers\n    when: { path: [/admin, /admin/**] }\n    block: not from outside\n";

#[test]
fn path_confusion_never_leads_where_a_policy_forbids() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let scene = runtime.block_on(async {
        let scene = Scene::with(Plan::default().policy("charts.yaml", POLICY), "paths: { case: insensitive }").await;
        let answer = scene.say("GET /admin/x HTTP/1.1\r\nHost: HOST\r\nCookie: COOKIE\r\nConnection: close\r\n\r\n").await;
        assert_eq!(codes(&answer), ["403"], "the policy is there: {answer}");
        scene
    });
    let config = Config { cases: if full() { 10_000 } else { 400 }, failure_persistence: None, ..Config::default() };
    let paths = vec(select(&PARTS[..]), 1..8).prop_map(|parts| format!("/{}", parts.concat()));
    let result = TestRunner::new(config).run(&paths, |path| {
        let answer = runtime.block_on(async {
            scene.tape.clear();
            scene.say(&format!("GET {path} HTTP/1.1\r\nHost: HOST\r\nCookie: COOKIE\r\nConnection: close\r\n\r\n")).await
        });
        let code = codes(&answer).first().copied().unwrap_or_default().to_owned();
        let seen = scene.tape.text();
        if code == "200" {
            prop_assert!(seen.starts_with(&format!("GET {path} HTTP/1.1\r\n")), "judged is not what was forwarded: {}", seen);
            let forbidden: Vec<String> = readings(&path).into_iter().filter(|r| is_forbidden(r)).collect();
            prop_assert!(forbidden.is_empty(), "{} can be read as {:?}", path, forbidden);
        } else {
            prop_assert!(matches!(code.as_str(), "400" | "403"), "{}: {}", path, answer);
            prop_assert_eq!(seen, "", "refused, but forwarded");
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn public_paths_are_matched_by_the_same_reading() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let scene = Scene::set("").await;
        for path in [
            "/open/../closed",
            "/open/%2e%2e/closed",
            "/open/..;/closed",
            "/open/..%2fclosed",
            "/open/..\\closed",
            "/open\\..\\closed",
            "/open//../closed",
            "/open/.%00./closed",
            "/open%2f..%2fclosed",
            "/OPEN/x",
            "/openx",
            "/%6fpen/%2e%2e/closed",
            "/closed?/open/",
            "/closed;/open/",
            "/closed%3f/open/x",
            "/closed%23/open/x",
        ] {
            let answer = scene.say(&format!("GET {path} HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n")).await;
            assert!(matches!(codes(&answer)[..], ["400" | "401"]), "{path}: {answer}");
        }
        assert_eq!(scene.tape.text(), "", "nothing of it reached the application");
    });
}
