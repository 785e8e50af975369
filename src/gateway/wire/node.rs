//! Node's parser beside ours: many applications behind us are read by it. What it refuses, or reads in another way, we refuse.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use bytes::BytesMut;
use proptest::{
    strategy::{Strategy as _, ValueTree as _},
    test_runner::TestRunner,
};
use serde_json::Value;

use super::{
    BodyDecoder, Decoded, Head,
    laws::{nearly, read, size},
};

/// Methods that Node has heard of; it refuses all others, which is no matter of framing.
const KNOWN: [&str; 2] = ["GET", "POST"];

/// A request that we accept: its bytes, its head, and its body where that is whole.
struct Accepted {
    bytes: Vec<u8>,
    head: Head,
    body: Option<Vec<u8>>,
}

fn accepted(bytes: Vec<u8>) -> Option<Accepted> {
    let (head, rest) = read(&[&bytes]).ok()??;
    let (mut decoder, mut buffer, mut body) = (BodyDecoder::new(head.framing()), BytesMut::from(&rest[..]), Vec::new());
    let whole = loop {
        match decoder.decode(&mut buffer) {
            Ok(Decoded::Data(data)) => body.extend_from_slice(&data),
            Ok(Decoded::Trailers(_)) => {}
            Ok(Decoded::End) => break true,
            Ok(Decoded::More) => break false,
            // A body that we refuse is refused, whatever Node thinks of it.
            Err(_) => return None,
        }
    };
    KNOWN.contains(&head.method()).then_some(Accepted { bytes, head, body: whole.then_some(body) })
}

/// What Node says to each, in one process.
fn node(requests: &[Accepted]) -> Vec<Value> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/node_http.js");
    let spawned = Command::new("node").arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = spawned.expect("node is installed by ./test");
    let lines: String = requests.iter().map(|request| hex(&request.bytes) + "\n").collect();
    let mut input = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Node hands bytes beyond ASCII over as characters of Latin-1.
fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

#[test]
fn what_node_refuses_or_reads_otherwise_we_refuse() {
    let (config, strategy) = (size(), nearly());
    let cases = config.cases * 4;
    let mut runner = TestRunner::new(config);
    let inputs = (0..cases).map(|_| strategy.new_tree(&mut runner).unwrap().current());
    let requests: Vec<Accepted> = inputs.filter_map(accepted).collect();
    assert!(requests.len() > 100, "only {} of {cases} are requests", requests.len());
    let answers = node(&requests);
    assert_eq!(answers.len(), requests.len());
    for (Accepted { bytes, head, body }, answer) in requests.iter().zip(&answers) {
        let sent = String::from_utf8_lossy(bytes);
        let seen = &answer["seen"][0];
        assert!(seen.is_object(), "Node refuses {sent:?}: {answer}");
        assert_eq!(seen["method"], head.method(), "{sent:?}");
        // A target with a host in it is taken where it names the same host; Node leaves it as it is.
        assert!(seen["target"].as_str().unwrap().ends_with(head.path()), "{sent:?}: {seen}");
        let fields: Vec<String> = head.fields().iter().flat_map(|(name, value)| [latin(name), latin(value)]).collect();
        assert_eq!(seen["fields"], serde_json::json!(fields), "{sent:?}");
        // Where Node falls out over what follows, it does not say any more that the body was whole.
        if let Some(body) = body.as_ref().filter(|_| answer["refused"].is_null()) {
            assert_eq!((&seen["whole"], &seen["body"]), (&Value::Bool(true), &Value::String(hex(body))), "{sent:?}");
        }
    }
}
