//! Restrictions that a client escapes by what it says of itself: `client` as browser or program, and `platform`, are read from headers
//! that it sends, and nothing vouches for them.
//!
//! An upgrade to a WebSocket is what it is. Other headers are not looked at here: whoever asks for one by name knows what it is.

use super::{
    ast::{Cond, Policy, State, Test},
    words::{Client, Platform},
};

/// The condition on which alone it hangs whether the policy blocks, by its key; `None`: there is none such.
pub(super) fn hangs_on(policy: &Policy) -> Option<&'static str> {
    if policy.state != State::Enforced || policy.block.is_none() {
        return None;
    }
    escape(&policy.when, false).or_else(|| escape(&policy.unless, true))
}

/// What has to be said for the condition to hold, or not to hold, whatever the other facts are.
fn escape(cond: &Cond, wanted: bool) -> Option<&'static str> {
    match cond {
        Cond::Is(test) => says(test, wanted),
        Cond::Not(inner) => escape(inner, !wanted),
        Cond::All(list) if wanted => every(list, wanted),
        Cond::Any(list) if !wanted => every(list, wanted),
        Cond::All(list) | Cond::Any(list) => list.iter().find_map(|c| escape(c, wanted)),
    }
}

/// All of a list, which must not be empty: what there is to say of an empty one is said already.
fn every(list: &[Cond], wanted: bool) -> Option<&'static str> {
    let said: Option<Vec<_>> = list.iter().map(|c| escape(c, wanted)).collect();
    said?.first().copied()
}

fn says(test: &Test, wanted: bool) -> Option<&'static str> {
    match test {
        // It can pass for either of these; a list with both or none of them leaves no choice.
        Test::Client(named) => (named.contains(&Client::Browser) != named.contains(&Client::Api)).then_some("client"),
        // None is named where none could be read.
        Test::Platform(named) => {
            let other = Platform::ALL.iter().any(|p| named.contains(p) == wanted);
            (other && !named.is_empty()).then_some("platform")
        }
        Test::Kind(_)
        | Test::Email(_)
        | Test::Organization(_)
        | Test::Group(_)
        | Test::Attribute(..)
        | Test::InvitedBy(_)
        | Test::Role(_)
        | Test::Network(_)
        | Test::Country(_)
        | Test::Asn(_)
        | Test::Device(_)
        | Test::Method(_)
        | Test::Path(_)
        | Test::Header(..)
        | Test::Schedule(_)
        | Test::Before(_)
        | Test::After(_)
        | Test::SignedInWith(_)
        | Test::Risk(_)
        | Test::GuestFor(_) => None,
    }
}
