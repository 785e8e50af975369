//! The closed sets that labels take their values from.

/// A label whose values are known when the program is built.
pub trait Label: Copy + 'static {
    /// Every value.
    const ALL: &'static [Self];
    /// As it is written.
    fn as_str(self) -> &'static str;
    /// Its place in [`Label::ALL`].
    fn ix(self) -> usize;
}

macro_rules! labels {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $value:ident = $text:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$vdoc])* $value),* }

        impl Label for $name {
            const ALL: &'static [Self] = &[$(Self::$value),*];
            fn as_str(self) -> &'static str { match self { $(Self::$value => $text),* } }
            fn ix(self) -> usize { self as usize }
        }
    )*};
}

labels! {
    /// How a request was answered.
    DecisionLabel {
        /// Forwarded.
        Allow = "allow",
        /// Something must be shown first.
        Challenge = "challenge",
        /// A policy blocks.
        Block = "block",
        /// No valid grant.
        NotAssigned = "not_assigned",
        /// No session.
        SignIn = "signin",
        /// Needed no session.
        Public = "public",
        /// Malformed, misdirected, too large, or for nobody.
        Refused = "refused",
        /// Ours or the app's fault.
        Error = "error",
    }
    /// Whether a decision was still exact or had to be made.
    CacheLabel {
        /// Still exact.
        Hit = "hit",
        /// Made.
        Miss = "miss",
    }
    /// Where a connection came in.
    ListenerLabel {
        /// Guests.
        Https = "https",
        /// The redirecting listener.
        Http = "http",
        /// Metrics and health.
        Admin = "admin",
        /// Other proxies that ask.
        ForwardAuth = "forward_auth",
    }
    /// One of our logs.
    LogLabel {
        /// One line a request.
        Access = "access",
        /// What happened.
        Events = "events",
    }
    /// Whether a policy acts.
    PolicyState {
        /// It acts.
        Enforced = "enforced",
        /// It is only counted.
        ReportOnly = "report-only",
    }
    /// What a policy that applied had to say.
    PolicyResult {
        /// Its requirements are met.
        Pass = "pass",
        /// A requirement is unmet.
        Challenge = "challenge",
        /// It blocks.
        Block = "block",
    }
    /// How a sign-in ended.
    SignInResult {
        /// A session began.
        Success = "success",
        /// The proof was wrong.
        Wrong = "wrong",
        /// The proof was right once, but too old.
        Expired = "expired",
        /// Too many attempts.
        Exhausted = "exhausted",
        /// The person may not sign in.
        Refused = "refused",
    }
    /// What happened to an invitation.
    InvitationEvent {
        /// Written.
        Issued = "issued",
        /// Mailed again.
        Resent = "resent",
        /// Accepted.
        Redeemed = "redeemed",
        /// Taken back.
        Revoked = "revoked",
        /// Opened when it was too late.
        Expired = "expired",
    }
    /// How a request to an upstream ended.
    UpstreamResult {
        /// It answered.
        Answered = "answered",
        /// No connection.
        Connect = "connect",
        /// Too slow.
        Timeout = "timeout",
        /// It said something that is not HTTP, or stopped in the middle.
        Protocol = "protocol",
        /// The client went away first.
        Cancelled = "cancelled",
    }
    /// Why an app gets no more requests.
    OverloadReason {
        /// It works on as many as it may.
        Concurrent = "concurrent",
        /// Its upstreams have as many connections as they may have.
        Connections = "connections",
        /// It has failed too often in a row.
        Breaker = "breaker",
    }
    /// Which way something goes.
    Direction {
        /// From a guest to an app.
        Request = "request",
        /// From an app to a guest.
        Answer = "answer",
    }
    /// What was loaded anew.
    ReloadWhat {
        /// `guestgate.yaml`.
        Config = "config",
        /// The policy files.
        Policies = "policies",
        /// Certificates.
        Certificates = "certificates",
    }
    /// Whether it worked.
    Outcome {
        /// It did.
        Success = "success",
        /// It did not; what was before stays.
        Failure = "failure",
    }
    /// Why a connection was closed or a request refused, whoever asked.
    RefusedReason {
        /// There were too many connections.
        TooManyConnections = "connections",
        /// There were too many connections from one address.
        TooManyOfAddress = "connections_of_address",
        /// The TLS handshake did not come to its end in time, its turn included.
        LateHandshake = "late_handshake",
        /// A balancer has not said in the PROXY protocol where the connection comes from.
        ProxyHeader = "proxy_header",
        /// The head of a request did not come to its end in time.
        LateHead = "late_head",
        /// The head was too large.
        HeadTooLarge = "head_too_large",
        /// The head had too many fields.
        TooManyFields = "too_many_fields",
        /// The request could not be read, or in two ways.
        Malformed = "malformed",
        /// The body was larger than the app allows.
        BodyTooLarge = "body_too_large",
        /// The body did not come to its end in time.
        LateBody = "late_body",
        /// The answer was not taken.
        SlowReader = "slow_reader",
        /// HTTP/2: too many PING frames.
        Http2Ping = "h2_ping",
        /// HTTP/2: too many SETTINGS frames.
        Http2Settings = "h2_settings",
        /// HTTP/2: too many RST_STREAM frames.
        Http2Reset = "h2_reset",
        /// HTTP/2: too many DATA frames without data.
        Http2EmptyData = "h2_empty_data",
        /// HTTP/2: too many CONTINUATION frames of one head.
        Http2Continuation = "h2_continuation",
        /// HTTP/2: too many PRIORITY frames.
        Http2Priority = "h2_priority",
        /// HTTP/2: too many WINDOW_UPDATE frames.
        Http2WindowUpdate = "h2_window_update",
        /// HTTP/2: too many frames of other kinds.
        Http2Unknown = "h2_unknown",
        /// HTTP/2: too many streams that we had to reset, small frames, or anything else that the library gives up on.
        Http2Abuse = "h2_abuse",
    }
}
