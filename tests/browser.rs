//! What a person sees: the real binary and Debian's Chromium, driven by the scripts in `tests/browser/`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::large_futures,
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub,
    reason = "what fails here fails the test; a test has its own machine"
)]

use std::{
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

const BINARY: &str = env!("CARGO_BIN_EXE_guestgate");

/// A process that ends with its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Asked first, so that a process with children of its own can end them.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser").join(name)
}

/// A port that is free now; below the range that the system hands out, so that it stays so.
fn free_port(from: u16) -> u16 {
    (from..from + 500).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap()
}

/// Reads lines until one gives what is looked for.
fn until<T>(lines: &mut impl Iterator<Item = std::io::Result<String>>, find: impl Fn(&str) -> Option<T>) -> T {
    let mut seen = String::new();
    for line in lines.map_while(Result::ok) {
        if let Some(found) = find(&line) {
            return found;
        }
        seen.push_str(&line);
        seen.push('\n');
    }
    panic!("it ended first:\n{seen}")
}

fn drive(name: &str, env: &[(&str, &str)]) {
    let out = Command::new("node").arg(script(name)).envs(env.iter().copied()).output().expect("node is installed by ./test");
    let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success(), "{said}");
    println!("{said}");
}

#[test]
fn the_demo_from_the_printed_link_to_the_suspended_guest() {
    let folder = tempfile::tempdir().unwrap();
    let (port, admin) = (free_port(21_000).to_string(), free_port(21_600).to_string());
    let mut child = Command::new(BINARY)
        .args(["demo", "--port", &port, "--admin-port", &admin, "--dir"])
        .arg(folder.path().join("demo"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let _running = Running(child);
    let link = until(&mut lines, |line| line.split_once("the guest's link").map(|(_, link)| link.trim().to_owned()));
    let suspend = until(&mut lines, |line| line.contains("guests suspend").then(|| line.trim().to_owned()));
    drive("demo.mjs", &[("LINK", &link), ("PORT", &port), ("SUSPEND", &suspend)]);
}

#[test]
fn dokuwiki_is_used_through_the_gateway() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let (port, admin, wiki) = (free_port(22_000), free_port(22_600), free_port(23_200));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/third_party/dokuwiki.sh");
    let mut php =
        Command::new(script).arg(root.join("wiki")).arg(wiki.to_string()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(php.stderr.take().unwrap()).lines();
    let _php = Running(php);
    until(&mut lines, |line| line.contains("started").then_some(()));
    // What it says from now on is of no interest, but must be taken from it.
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));

    let upstream = format!("http://127.0.0.1:{wiki}");
    let out = Command::new(BINARY)
        .args(["init", "--app", "wiki", "--host", "wiki.example.test", "--portal", "access.example.test"])
        .args(["--owner", "dr.lee@example.test", "--upstream", &upstream])
        .arg(root.join("gate"))
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let file = root.join("gate/guestgate.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    let text = text.replace("0.0.0.0:8443", &format!("127.0.0.1:{port}")).replace("127.0.0.1:9180", &format!("127.0.0.1:{admin}"));
    std::fs::write(&file, text).unwrap();
    let mut gate = Command::new(BINARY).args(["serve", "--config"]).arg(&file).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(gate.stdout.take().unwrap()).lines();
    let _gate = Running(gate);
    until(&mut lines, |line| line.contains("gateway ready").then_some(()));
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));

    let email = "ann@partner.example";
    let out = Command::new(BINARY).args(["invite", email, "--app", "wiki", "--no-send", "--json", "--config"]).arg(&file).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let invited: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let outbox = root.join("gate/data/outbox");
    drive(
        "dokuwiki.mjs",
        &[
            ("LINK", invited["redeem_url"].as_str().unwrap()),
            ("WIKI", &format!("https://wiki.example.test:{port}")),
            ("OUTBOX", outbox.to_str().unwrap()),
            ("EMAIL", email),
            ("HOST_RULES", "MAP *.example.test 127.0.0.1"),
        ],
    );
}

#[test]
fn every_page_is_clean_in_every_language() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let (port, admin) = (free_port(24_000), free_port(24_600));
    let out = Command::new(BINARY)
        .args(["init", "--app", "charts", "--host", "charts.example.test", "--portal", "access.example.test"])
        .args(["--owner", "dr.lee@example.test", "--upstream", "http://127.0.0.1:9"])
        .arg(root.join("gate"))
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let file = root.join("gate/guestgate.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    let text = text.replace("0.0.0.0:8443", &format!("127.0.0.1:{port}")).replace("127.0.0.1:9180", &format!("127.0.0.1:{admin}"));
    let text = text.replacen("\nportal:\n", "\nportal:\n  logo: logo.svg\n  color: \"#7a1f5c\"\n", 1);
    let app = |id: &str, name: &str, more: &str| {
        format!(
            "  - {{ id: {id}, name: {name}, host: {id}.example.test, upstream: \"http://127.0.0.1:9\", owners: [dr.lee@example.test]{more} }}\n"
        )
    };
    let form = ", policies: none, signup: { fields: [{ name: clinic, label: Your clinic, required: true, max: 80 }, \
                { name: ward, label: Ward, options: [north, south] }, { name: begin, label: First day, type: date }, \
                { name: rules, label: I keep the rules of the house, type: checkbox, required: true }] }";
    let apps = [
        app("wiki", "The wiki", ", policies: none"),
        app("gallery", "The gallery", form),
        app("lab", "The laboratory", ""),
        app("vault", "The vault", ""),
    ];
    // The tours come from networks of their own, since one network is sent so many codes an hour and no more.
    let text = text.replacen("\napps:\n", "\ntrusted_proxies: [127.0.0.0/8]\napps:\n", 1);
    assert!(text.contains("trusted_proxies"), "{text}");
    std::fs::write(&file, format!("{}\n{}", text.trim_end(), apps.concat())).unwrap();
    let logo =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 40 40\"><circle cx=\"20\" cy=\"20\" r=\"18\" fill=\"#7a1f5c\"/></svg>";
    std::fs::write(root.join("gate/logo.svg"), logo).unwrap();
    let closed = "app: charts\npolicies:\n  - { name: closed, when: { path: /closed }, block: \"Closed for maintenance until Monday.\" }\n  - { name: more, when: { path: /more }, require: [mfa] }\n";
    std::fs::remove_dir_all(root.join("gate/policies")).unwrap();
    std::fs::create_dir(root.join("gate/policies")).unwrap();
    let lab =
        "app: lab\npolicies:\n  - { name: audited, require: [{ terms: rules }, justification, { approval: { by: owners, valid: 8h } }] }\n";
    let vault = "app: vault\npolicies:\n  - { name: two-factors, require: [mfa] }\n";
    let rules = "# Rules of the house\n\nBe kind.\n\n## What else\n\n1. Close the door.\n2. Ask [us](https://example.test/help).\n\n| when | what |\n| --- | --- |\n| at night | be quiet |\n";
    let definitions = "terms:\n  rules: { file: rules.md, version: 1 }\n";
    for (name, text) in
        [("charts.yaml", closed), ("lab.yaml", lab), ("vault.yaml", vault), ("definitions.yaml", definitions), ("rules.md", rules)]
    {
        std::fs::write(root.join("gate/policies").join(name), text).unwrap();
    }
    let mut gate = Command::new(BINARY).args(["serve", "--config"]).arg(&file).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(gate.stdout.take().unwrap()).lines();
    let _gate = Running(gate);
    until(&mut lines, |line| line.contains("gateway ready").then_some(()));
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
    drive(
        "pages.mjs",
        &[
            ("GUESTGATE", BINARY),
            ("CONFIG", file.to_str().unwrap()),
            ("OUTBOX", root.join("gate/data/outbox").to_str().unwrap()),
            ("PORT", &port.to_string()),
            ("SIZE", &std::env::var("GUESTGATE_TEST_SIZE").unwrap_or_else(|_| "ci".to_owned())),
            ("HOST_RULES", "MAP *.example.test 127.0.0.1"),
        ],
    );
}

#[test]
fn somebody_signs_up_and_ends_in_the_application() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let (port, admin, upstream) = (free_port(26_000), free_port(26_600), free_port(27_200));
    let out = Command::new(BINARY)
        .args(["init", "--app", "wiki", "--host", "wiki.example.test", "--portal", "access.example.test"])
        .args(["--owner", "dr.lee@example.test", "--upstream", &format!("http://127.0.0.1:{upstream}")])
        .arg(root.join("gate"))
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let file = root.join("gate/guestgate.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    let text = text.replace("0.0.0.0:8443", &format!("127.0.0.1:{port}")).replace("127.0.0.1:9180", &format!("127.0.0.1:{admin}"));
    let signup = "signup: { fields: [{ name: clinic, label: Your clinic, required: true, min: 3, help: As on your badge }, \
                  { name: ward, label: Ward, options: [north, south] }, { name: begin, label: First day, type: date }, \
                  { name: rules, label: I keep the rules of the house, type: checkbox, required: true }] }";
    let text = text.replace("host: wiki.example.test", &format!("host: wiki.example.test\n    {signup}"));
    std::fs::write(&file, text).unwrap();
    let policies = root.join("gate/policies");
    let terms = "terms:\n  rules: { file: rules.md, version: 1 }\n";
    std::fs::write(policies.join("definitions.yaml"), terms).unwrap();
    std::fs::write(
        policies.join("rules.md"),
        "# Rules of the house\n\nYou see what your work needs.\n\n## What you may not do\n\n- copy\n- pass on\n\nAsk [us](https://example.com/rules).\n",
    )
    .unwrap();
    let policy = "app: wiki\npolicies:\n  - name: rules-and-a-reason\n    require: [{ terms: rules }, justification]\n";
    for entry in
        std::fs::read_dir(&policies).unwrap().flatten().filter(|e| e.file_name() != "definitions.yaml" && e.file_name() != "rules.md")
    {
        std::fs::remove_file(entry.path()).unwrap();
    }
    std::fs::write(policies.join("wiki.yaml"), policy).unwrap();
    let mut gate = Command::new(BINARY).args(["serve", "--config"]).arg(&file).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(gate.stdout.take().unwrap()).lines();
    let _gate = Running(gate);
    until(&mut lines, |line| line.contains("gateway ready").then_some(()));
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
    drive(
        "requests.mjs",
        &[
            ("PORTAL", &format!("https://access.example.test:{port}")),
            ("APP", &format!("https://wiki.example.test:{port}")),
            ("UPSTREAM", &upstream.to_string()),
            ("OUTBOX", root.join("gate/data/outbox").to_str().unwrap()),
            ("GUESTGATE", BINARY),
            ("CONFIG", file.to_str().unwrap()),
            ("HOST_RULES", "MAP *.example.test 127.0.0.1"),
        ],
    );
}

const RULES: &str = "
app: charts
policies:
  - { name: the-vault-needs-an-app, when: { path: /vault/** }, require: [totp] }
  - { name: what-is-signed-needs-terms-too, when: { path: /signed/** }, require: [totp, { terms: signing }] }
";

#[test]
fn a_passkey_from_the_invitation_on_an_authenticator_app_and_terms_in_one_tab_and_in_several() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let (port, admin, app) = (free_port(28_000), free_port(28_600), free_port(29_200));
    let origin = |host: &str| format!("https://{host}.example.test:{port}");
    let mut child = Command::new(BINARY)
        .args(["verify-app", "--listen", &format!("127.0.0.1:{app}"), "--audience", "charts.example.test", "--issuer", &origin("access")])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let _app = Running(child);
    until(&mut lines, |line| line.contains("listening").then_some(()));
    let out = Command::new(BINARY)
        .args(["init", "--app", "charts", "--host", "charts.example.test", "--portal", "access.example.test"])
        .args(["--owner", "dr.lee@example.test", "--upstream", &format!("http://127.0.0.1:{app}")])
        .arg(root.join("gate"))
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let policies = root.join("gate/policies");
    std::fs::write(policies.join("charts.yaml"), RULES).unwrap();
    std::fs::write(policies.join("definitions.yaml"), "terms:\n  signing: { file: signing.md, version: 1 }\n").unwrap();
    std::fs::write(policies.join("signing.md"), "# Signing\n\nWhat is signed here is **binding**.\n").unwrap();
    let file = root.join("gate/guestgate.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    let text = text.replace("0.0.0.0:8443", &format!("127.0.0.1:{port}")).replace("127.0.0.1:9180", &format!("127.0.0.1:{admin}"));
    std::fs::write(&file, text).unwrap();
    let mut gate = Command::new(BINARY).args(["serve", "--config"]).arg(&file).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(gate.stdout.take().unwrap()).lines();
    let _gate = Running(gate);
    until(&mut lines, |line| line.contains("gateway ready").then_some(()));
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));

    let invite = |email: &str| {
        let out =
            Command::new(BINARY).args(["invite", email, "--app", "charts", "--no-send", "--json", "--config"]).arg(&file).output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let invited: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
        invited["redeem_url"].as_str().unwrap().to_owned()
    };
    for (name, emails) in
        [("passkey.mjs", ["ann@partner.example", "bob@partner.example"]), ("tabs.mjs", ["cy@partner.example", "dee@partner.example"])]
    {
        drive(
            name,
            &[
                ("LINKS", &emails.map(invite).join(" ")),
                ("EMAILS", &emails.join(" ")),
                ("APP", &origin("charts")),
                ("PORTAL", &origin("access")),
                ("OUTBOX", root.join("gate/data/outbox").to_str().unwrap()),
                ("CERT", root.join("gate/certs/guestgate.pem").to_str().unwrap()),
                ("HOST_RULES", "MAP *.example.test 127.0.0.1"),
            ],
        );
    }
}

const CLOSED: &str = "
app: charts
policies:
  - { name: closed, when: { path: /closed/** }, block: \"Closed for maintenance until Monday.\" }
tests:
  - { name: open-elsewhere, given: { guest: ann@partner.example }, request: GET /, expect: allow }
";

#[test]
fn the_owners_day_from_the_first_passkey_to_the_removed_guest() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let (port, admin, app) = (free_port(30_000), free_port(30_600), free_port(31_200));
    let origin = |host: &str| format!("https://{host}.example.test:{port}");
    let mut child = Command::new(BINARY)
        .args(["verify-app", "--listen", &format!("127.0.0.1:{app}"), "--audience", "charts.example.test", "--issuer", &origin("access")])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let _app = Running(child);
    until(&mut lines, |line| line.contains("listening").then_some(()));
    let out = Command::new(BINARY)
        .args(["init", "--app", "charts", "--host", "charts.example.test", "--portal", "access.example.test"])
        .args(["--owner", "dr.lee@example.test", "--admin", "ops@example.test", "--upstream", &format!("http://127.0.0.1:{app}")])
        .arg(root.join("gate"))
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let printed = String::from_utf8(out.stdout).unwrap();
    let first = printed.lines().find_map(|line| line.trim().strip_prefix("https://access.example.test:8443")).unwrap();
    let first = format!("{}{first}", origin("access"));
    let policies = root.join("gate/policies");
    std::fs::write(policies.join("charts.yaml"), CLOSED).unwrap();
    let file = root.join("gate/guestgate.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    let text = text.replace("0.0.0.0:8443", &format!("127.0.0.1:{port}")).replace("127.0.0.1:9180", &format!("127.0.0.1:{admin}"));
    let text = text.replace("owners: [dr.lee@example.test]", "owners: [dr.lee@example.test, dr.kim@example.test]");
    let more = |id: &str, owners: &str, signup: &str| {
        format!(
            "  - {{ id: {id}, name: The {id}, host: {id}.example.test, upstream: \"http://127.0.0.1:{app}\", owners: [{owners}], policies: none{signup} }}\n"
        )
    };
    let signup = ", signup: { fields: [{ name: clinic, label: Your clinic }] }";
    let apps = [more("gallery", "dr.lee@example.test, dr.kim@example.test", signup), more("vault", "ops@example.test", "")];
    std::fs::write(&file, format!("{}\n{}", text.trim_end(), apps.concat())).unwrap();
    let mut gate = Command::new(BINARY).args(["serve", "--config"]).arg(&file).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(gate.stdout.take().unwrap()).lines();
    let _gate = Running(gate);
    until(&mut lines, |line| line.contains("gateway ready").then_some(()));
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));

    let recover = |email: &str| {
        let out = Command::new(BINARY).args(["recover", email, "--json", "--config"]).arg(&file).output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let made: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
        made["link"].as_str().unwrap().to_owned()
    };
    let links = [recover("dr.lee@example.test"), recover("dr.kim@example.test"), first];
    drive(
        "admin.mjs",
        &[
            ("LINKS", &links.join(" ")),
            ("APP", &origin("charts")),
            ("PORTAL", &origin("access")),
            ("OUTBOX", root.join("gate/data/outbox").to_str().unwrap()),
            ("CERT", root.join("gate/certs/guestgate.pem").to_str().unwrap()),
            ("HOST_RULES", "MAP *.example.test 127.0.0.1"),
        ],
    );
}
