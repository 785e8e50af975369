//! `init` and `check`: what is written, what is accepted, and what is wrong is said with an exit code.

use std::{fs, os::unix::fs::PermissionsExt};

use super::{guestgate, initialised, said};

#[test]
fn what_init_writes_check_accepts() {
    let folder = initialised(&[]);
    let output = guestgate(folder.path(), &["check", "--config", "gate/guestgate.yaml"]);
    assert_eq!((output.status.code(), said(&output).as_str()), (Some(0), "gate/guestgate.yaml: 1 app, no problems\n"));
    let inside = guestgate(&folder.path().join("gate"), &["check"]);
    assert_eq!(inside.status.code(), Some(0), "{}", said(&inside));
}

#[test]
fn init_writes_what_it_was_told() {
    let folder = initialised(&[
        "--app",
        "orders",
        "--host",
        "orders.clinic.example",
        "--upstream",
        "http://10.1.2.3:81",
        "--portal",
        "guests.clinic.example",
        "--owner",
        "Lee@clinic.example",
    ]);
    let text = fs::read_to_string(folder.path().join("gate/guestgate.yaml")).unwrap();
    for word in ["id: orders", "host: orders.clinic.example", "host: guests.clinic.example", "http://10.1.2.3:81", "[lee@clinic.example]"] {
        assert!(text.contains(word), "{word} is missing:\n{text}");
    }
    assert!(!text.contains('{') || !text.contains("{app}"), "{text}");
    let output = guestgate(folder.path(), &["check", "--config", "gate/guestgate.yaml"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}

#[test]
fn keys_are_ours_alone() {
    let folder = initialised(&[]);
    let gate = folder.path().join("gate");
    let mode = |path: &str| fs::metadata(gate.join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("data"), 0o700);
    for key in ["data/master.key", "certs/guestgate.key", "certs/authority.key"] {
        assert_eq!(mode(key), 0o600, "{key}");
    }
    assert_eq!(fs::read(gate.join("data/master.key")).unwrap().len(), 32);
    let other = initialised(&[]);
    assert_ne!(fs::read(gate.join("data/master.key")).unwrap(), fs::read(other.path().join("gate/data/master.key")).unwrap());
}

#[test]
fn init_overwrites_nothing() {
    let folder = initialised(&[]);
    let key = folder.path().join("gate/data/master.key");
    let before = fs::read(&key).unwrap();
    fs::remove_file(folder.path().join("gate/guestgate.yaml")).unwrap();
    let output = guestgate(folder.path(), &["init", "gate"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("`gate/data/master.key` is there already; nothing was written"), "{}", said(&output));
    assert_eq!(fs::read(&key).unwrap(), before);
    assert!(!folder.path().join("gate/guestgate.yaml").exists());
}

#[test]
fn init_refuses_options_that_make_no_sense_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for (args, code, reason) in [
        (vec!["init", "gate", "--upstream", "ftp://x"], 2, "`ftp://x` is not the address of an upstream"),
        (vec!["init", "gate", "--upstream", "http://x, b: c"], 2, "not the address of an upstream"),
        (vec!["init", "gate", "--app", "admin"], 1, "reserved"),
        (vec!["init", "gate", "--app", "definitions"], 1, "`definitions`"),
        (vec!["init", "gate", "--app", "no"], 1, "`no` is not text"),
        (vec!["init", "gate", "--portal", "charts.example.com"], 1, "the host of the portal"),
        (vec!["init", "gate", "--host", "not a host"], 2, "not a host name"),
        (vec!["init", "gate", "--owner", "lee"], 2, "not a mail address"),
        (vec!["init"], 2, "DIR"),
    ] {
        let output = guestgate(folder.path(), &args);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", said(&output));
        assert!(said(&output).contains(reason), "{args:?}: {}", said(&output));
        assert!(!folder.path().join("gate").exists(), "{args:?}");
    }
}

#[test]
fn check_names_everything_at_once_without_colour() {
    let folder = initialised(&[]);
    let file = folder.path().join("gate/guestgate.yaml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{}\nportel: x\n", text.replace("admins: [", "admins: [nobody, "))).unwrap();
    let output = guestgate(folder.path(), &["--config", "gate/guestgate.yaml", "check"]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("did you mean `portal`?") && text.contains("`nobody` is not a mail address"), "{text}");
    assert!(text.ends_with("gate/guestgate.yaml: 2 errors, 0 warnings\n"), "{text}");
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn check_sees_certificates_that_do_not_fit() {
    let folder = initialised(&[]);
    let certs = folder.path().join("gate/certs");
    let check = || {
        let output = guestgate(folder.path(), &["check", "--config", "gate/guestgate.yaml"]);
        // Long lines are folded.
        (output.status.code(), said(&output).replace("\n    ", " "))
    };
    let key = fs::read(certs.join("guestgate.key")).unwrap();
    fs::copy(certs.join("authority.key"), certs.join("guestgate.key")).unwrap();
    let (code, text) = check();
    assert_eq!(code, Some(1));
    assert!(text.contains("the key `gate/certs/guestgate.key` does not fit the certificate `gate/certs/guestgate.pem`"), "{text}");
    fs::write(certs.join("guestgate.key"), "no key").unwrap();
    assert!(check().1.contains("`gate/certs/guestgate.key` holds no private key in PEM"));
    fs::write(certs.join("guestgate.key"), key).unwrap();
    let file = folder.path().join("gate/guestgate.yaml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("host: charts.example.com", "host: orders.example.com")).unwrap();
    let (code, text) = check();
    assert_eq!(code, Some(1));
    assert!(text.contains("no certificate is for `orders.example.com`"), "{text}");
}

#[test]
fn check_sees_policies_that_are_missing_or_wrong() {
    let folder = initialised(&[]);
    let policies = folder.path().join("gate/policies");
    let check = || said(&guestgate(folder.path(), &["check", "--config", "gate/guestgate.yaml"]));
    let file = policies.join("charts.yaml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("[email-code,", "[email-cod,")).unwrap();
    assert!(check().contains("policies/charts.yaml:7:23: "), "{}", check());
    fs::remove_dir_all(&policies).unwrap();
    assert!(check().contains("`charts`"), "{}", check());
}

#[test]
fn a_missing_configuration_is_said_and_usage_is_two() {
    let folder = tempfile::tempdir().unwrap();
    let output = guestgate(folder.path(), &["check"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("guestgate.yaml: cannot be read"), "{}", said(&output));
    assert_eq!(guestgate(folder.path(), &["chek"]).status.code(), Some(2));
    assert_eq!(guestgate(folder.path(), &[]).status.code(), Some(2));
    let version = guestgate(folder.path(), &["version"]);
    assert_eq!((version.status.code(), said(&version)), (Some(0), format!("guestgate {}\n", env!("CARGO_PKG_VERSION"))));
}
