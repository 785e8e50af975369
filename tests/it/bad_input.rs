//! Bad input gets a clear error and loses nothing.

use std::{path::Path, process::Command};

use crate::kit::{Plan, RichApp};

fn guestgate(args: &[&str], config: &Path) -> (Option<i32>, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_guestgate")).args(args).arg("--config").arg(config).output().unwrap();
    (out.status.code(), format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr)))
}

fn working_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let out = Command::new(env!("CARGO_BIN_EXE_guestgate"))
        .args([
            "init",
            "--host",
            "charts.example.test",
            "--app",
            "charts",
            "--upstream",
            "http://127.0.0.1:9",
            "--portal",
            "access.example.test",
        ])
        .args(["--owner", "dr.lee@example.test"])
        .arg(folder.path().join("gate"))
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let file = folder.path().join("gate/guestgate.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("0.0.0.0:8443", "127.0.0.1:0").replace("127.0.0.1:9180", "127.0.0.1:0")).unwrap();
    folder
}

#[test]
fn every_mistake_of_a_configuration_is_named_at_once_with_its_place() {
    let folder = working_folder();
    let file = folder.path().join("gate/guestgate.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    let wrong = text.replacen("admins: [", "admins: [nobody, ", 1);
    assert_ne!(wrong, text);
    std::fs::write(&file, format!("{wrong}\nportel: x\n")).unwrap();
    let (code, said) = guestgate(&["check"], &file);
    assert_eq!(code, Some(1));
    assert!(said.contains("guestgate.yaml:") && said.contains("`portel`") && said.contains("`nobody` is not a mail address"), "{said}");
    let (code, said) = guestgate(&["serve"], &file);
    assert_eq!(code, Some(1), "{said}");
}

#[test]
fn a_missing_or_foreign_key_is_named() {
    let folder = working_folder();
    let file = folder.path().join("gate/guestgate.yaml");
    let keys: Vec<_> = std::fs::read_dir(folder.path().join("gate/certs"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "key"))
        .collect();
    for key in &keys {
        std::fs::write(key, "not a key").unwrap();
    }
    let (code, said) = guestgate(&["serve"], &file);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(".key"), "{said}");
}

#[test]
fn a_port_in_use_is_named() {
    let folder = working_folder();
    let file = folder.path().join("gate/guestgate.yaml");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at = taken.local_addr().unwrap().to_string();
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen("127.0.0.1:0", &at, 1)).unwrap();
    let (code, said) = guestgate(&["serve"], &file);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(&at), "{said}");
}

#[test]
fn a_broken_database_file_is_named_and_left_alone() {
    let folder = working_folder();
    let file = folder.path().join("gate/guestgate.yaml");
    let data = folder.path().join("gate/data");
    std::fs::create_dir_all(&data).unwrap();
    let broken = "this is not a database, and never was one. ".repeat(100);
    std::fs::write(data.join("guestgate.db"), &broken).unwrap();
    let (code, said) = guestgate(&["serve"], &file);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("guestgate.db"), "{said}");
    assert_eq!(std::fs::read_to_string(data.join("guestgate.db")).unwrap(), broken);
}

#[test]
fn a_command_without_a_gateway_says_so() {
    let folder = working_folder();
    let (code, said) = guestgate(&["guests", "list"], &folder.path().join("gate/guestgate.yaml"));
    assert_eq!(code, Some(1));
    assert!(said.contains("no gateway answers"), "{said}");
}

#[tokio::test]
async fn what_the_api_cannot_use_is_refused_with_a_reason_and_changes_nothing() {
    let app = RichApp::start().await;
    let gate = Plan::default().app("charts", app.at, "").extra("invitations: { deny_domains: [example.test] }").start().await;
    for (args, reason) in [
        (vec!["invite", "nobody", "--app", "charts"], "mail address"),
        (vec!["invite", "ann@partner.example", "--app", "chart"], "chart"),
        (vec!["invite", "ann@partner.example", "--app", "charts", "--access-for", "soon"], "soon"),
        (vec!["invite", "ann@example.test", "--app", "charts"], "example.test"),
        (vec!["guests", "suspend", "nobody@partner.example"], "nobody@partner.example"),
        (vec!["grants", "revoke", "AAAAAAAAAAAAAAAAAAAAAA"], "grant"),
    ] {
        let out = gate.cli(&args);
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(1), "{args:?}: {said}");
        assert!(said.contains(reason), "{args:?}: {said}");
    }
    assert_eq!(gate.cli(&["invite"]).status.code(), Some(2), "usage");
    assert_eq!(gate.json(&["invitations", "list"])["items"].as_array().unwrap().len(), 0);
}
