//! What is changed between an app that does not know its public name and guests who know no other.

/// What is changed on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rewrite {
    /// Which `Host` the app sees.
    pub host: RewriteHost,
    /// Whether `Location` that names the upstream is made to name the public host.
    pub location: bool,
    /// Whether `Domain` of cookies that name the upstream is dropped.
    pub cookies: bool,
}

/// Which `Host` an app sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RewriteHost {
    /// The one that the browser asked for.
    #[default]
    Public,
    /// That of the upstream's URL.
    Upstream,
}

impl Default for Rewrite {
    fn default() -> Self {
        Self { host: RewriteHost::Public, location: true, cookies: true }
    }
}
