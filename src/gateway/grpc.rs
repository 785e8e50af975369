//! Refusals as clients of gRPC understand them: no body, the status of the call beside the status of HTTP.

use http::{HeaderValue, StatusCode, header};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::web::Answer;

/// What `grpc-message` does not carry as it is.
const UNSAFE: &AsciiSet = &CONTROLS.add(b'%');

/// The same refusal for a call of gRPC.
pub(super) fn refusal(answer: Answer) -> Answer {
    let code = code(answer.status);
    let text = match code {
        16 => "sign in first",
        7 => "you may not do this",
        _ => answer.status.canonical_reason().unwrap_or("refused"),
    };
    let mut refused = Answer { body: bytes::Bytes::new(), ..answer };
    refused.headers.remove(header::CONTENT_LENGTH);
    refused.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    refused.headers.insert("grpc-status", HeaderValue::from(code));
    if let Ok(message) = HeaderValue::from_str(&utf8_percent_encode(text, UNSAFE).to_string()) {
        refused.headers.insert("grpc-message", message);
    }
    refused
}

/// The code of gRPC for a status of HTTP, as gRPC itself maps them; with its own words for what is too large or too late.
fn code(status: StatusCode) -> u16 {
    match status.as_u16() {
        400 => 13,
        401 => 16,
        403 => 7,
        404 => 12,
        408 => 4,
        413 | 414 | 431 => 8,
        429 | 502 | 503 | 504 => 14,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_call_has_a_status_of_its_own_and_no_body() {
        for (status, code) in [(401, "16"), (403, "7"), (503, "14"), (404, "12"), (500, "2"), (413, "8")] {
            let answer = Answer { status: StatusCode::from_u16(status).unwrap(), headers: http::HeaderMap::new(), body: "page".into() };
            let refused = refusal(answer);
            assert_eq!((refused.status.as_u16(), refused.headers["grpc-status"].to_str().unwrap()), (status, code));
            assert!(refused.body.is_empty() && refused.headers["content-type"] == "application/grpc");
        }
    }
}
