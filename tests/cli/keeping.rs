//! Keys, certificates, backups: what is kept, without a gateway that runs.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    os::unix::fs::PermissionsExt as _,
    process::{Command, Stdio},
};

use super::{guestgate, initialised, json, said};

#[test]
fn a_backup_is_whole_ours_alone_and_noticed_when_it_was_changed() {
    let folder = initialised(&[]);
    let gate = folder.path().join("gate");
    let run = |args: &[&str]| guestgate(&gate, args);
    let made = run(&["backup", "copy"]);
    assert_eq!(made.status.code(), Some(0), "{}", said(&made));
    let mode = |name: &str| fs::metadata(gate.join("copy").join(name)).unwrap().permissions().mode() & 0o777;
    for name in ["guestgate.db", "master.key", "backup.json"] {
        assert_eq!(mode(name), 0o600, "{name}");
    }
    assert!(said(&run(&["backup", "copy"])).contains("there already"));
    assert!(said(&run(&["restore", "copy"])).contains("`--replace` puts it aside"));
    let restored = run(&["restore", "copy", "--replace"]);
    assert!(
        said(&restored).contains("the audit log is intact: 1 entries; what was there is in data/before-restore-"),
        "{}",
        said(&restored)
    );

    fs::remove_dir_all(gate.join("data")).unwrap();
    assert!(said(&run(&["keys", "list"])).contains("no database"));
    assert_eq!(run(&["backup", "nothing"]).status.code(), Some(1));
    assert_eq!(run(&["restore", "copy"]).status.code(), Some(0));
    assert_eq!(json(&run(&["keys", "list", "--json"])).0["items"].as_array().unwrap().len(), 1);

    assert_eq!(run(&["backup", "bare", "--without-keys"]).status.code(), Some(0));
    fs::remove_dir_all(gate.join("data")).unwrap();
    assert!(said(&run(&["restore", "bare"])).contains("put `master.key` there first"));
    fs::write(gate.join("copy/master.key"), [1; 32]).unwrap();
    let changed = run(&["restore", "copy"]);
    assert!(said(&changed).contains("`master.key` is not as it was"), "{}", said(&changed));
    assert!(!gate.join("data/guestgate.db").exists());
    fs::remove_file(gate.join("copy/backup.json")).unwrap();
    assert!(said(&run(&["restore", "copy"])).contains("no whole backup"));
}

#[test]
fn certificates_are_listed_by_the_hosts_that_need_them_and_made_for_others() {
    let folder = initialised(&[]);
    let gate = folder.path().join("gate");
    let (listed, code) = json(&guestgate(&gate, &["cert", "list", "--json"]));
    let states: Vec<&str> = listed["items"].as_array().unwrap().iter().map(|item| item["state"].as_str().unwrap()).collect();
    assert_eq!((states, code), (vec!["valid", "valid"], Some(0)));
    let made = guestgate(&gate, &["cert", "new", "other.example.com", "--dir", "own"]);
    assert_eq!(made.status.code(), Some(0), "{}", said(&made));
    fs::copy(gate.join("own/cert.pem"), gate.join("certs/guestgate.pem")).unwrap();
    fs::copy(gate.join("own/key.pem"), gate.join("certs/guestgate.key")).unwrap();
    let (listed, code) = json(&guestgate(&gate, &["cert", "list", "--json"]));
    assert_eq!((listed["items"][0]["state"].as_str(), code), (Some("missing"), Some(1)));
}

#[test]
fn an_app_that_checks_assertions_is_known_by_what_it_refuses() {
    let folder = tempfile::tempdir().unwrap();
    let init = ["init", "gate", "--host", "charts.localhost", "--portal", "access.localhost", "--owner", "lee@example.com"];
    let output = guestgate(folder.path(), &init);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let gate = folder.path().join("gate");
    let app = |issuer: &str, keys: &str| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_guestgate"))
            .args(["verify-app", "--listen", "127.0.0.1:0", "--audience", "charts.localhost", "--issuer", issuer, "--keys", keys])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        (child, line.trim().trim_start_matches("listening on ").to_owned())
    };
    // Without a gateway there are no keys to fetch, so even the genuine one is refused.
    let (mut child, at) = app("https://access.localhost:8443", "https://127.0.0.1:9/keys");
    let file = gate.join("guestgate.yaml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("http://127.0.0.1:8080", &at)).unwrap();
    let (told, code) = json(&guestgate(&gate, &["test-assertion", "--app", "charts", "--json"]));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!((&told["accepts"], &told["checks"], code), (&false.into(), &true.into(), Some(1)), "{told}");
    assert_eq!(told["items"].as_array().unwrap().len(), 9);
    let nobody = guestgate(&gate, &["test-assertion", "--app", "other"]);
    assert!(said(&nobody).contains("there is no app `other`"), "{}", said(&nobody));
}
