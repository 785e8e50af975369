//! Problem answers for programs (RFC 9457).

use http::StatusCode;
use serde::Serialize;

use super::Answer;

/// What a program is told.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Problem<'p> {
    /// The kind, as `urn:guestgate:problem:…`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: &'p str,
    /// The status, as in the answer.
    pub status: u16,
    /// What happened to this request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<&'p str>,
    /// `challenge`, `block`, `not-assigned`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<&'p str>,
    /// The policy that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<&'p str>,
    /// What the policy asks for and does not find.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub unmet: &'p [String],
    /// What to name when asking for help; also in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<&'p str>,
    /// The quota that is used up.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub exhausted: Option<Exhausted<'p>>,
    /// Where signing in helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signin: Option<&'p str>,
}

/// A quota that is used up. Administrators are not bound by it, and can raise it in the configuration.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Exhausted<'p> {
    /// Which one, as the configuration names it: `open`, `guests` or `per_day`.
    pub quota: &'p str,
    /// Of which app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app: Option<&'p str>,
    /// The most that there may be.
    pub limit: u32,
    /// How much of it is used.
    pub used: u32,
}

/// A problem as an answer.
pub fn problem(status: StatusCode, kind: &str, mut body: Problem<'_>) -> Answer {
    body.kind = format!("urn:guestgate:problem:{kind}");
    body.status = status.as_u16();
    Answer::json(status, "application/problem+json", serde_json::to_string(&body).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_its_kind_and_only_what_is_known() {
        let answer = problem(
            StatusCode::FORBIDDEN,
            "block",
            Problem { title: "Blocked", decision: Some("block"), reference: Some("r\"1"), ..Problem::default() },
        );
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert_eq!(
            std::str::from_utf8(&answer.body).unwrap(),
            r#"{"type":"urn:guestgate:problem:block","title":"Blocked","status":403,"decision":"block","reference":"r\"1"}"#
        );
    }
}
