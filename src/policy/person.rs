//! The questions that depend on the person alone. What the directory does not hold is absent: no.

use super::{ast::Test, facts::PersonFacts};

/// Whether the test holds for the person. A test about anything else does not.
pub(super) fn holds(test: &Test, person: &PersonFacts<'_>) -> bool {
    match test {
        Test::Kind(kinds) => kinds.contains(&person.kind),
        Test::Email(globs) => globs.iter().any(|glob| glob.matches(person.email)),
        Test::Organization(domains) => domains.iter().any(|glob| glob.matches(person.email.domain())),
        Test::Group(groups) => groups.iter().any(|group| person.groups.contains(group)),
        Test::Attribute(name, values) => {
            let held = person.attributes.get(&**name).map(Vec::as_slice).unwrap_or_default();
            values.iter().any(|value| held.iter().any(|h| **h == **value))
        }
        Test::InvitedBy(sponsors) => person.invited_by.is_some_and(|by| sponsors.contains(by)),
        Test::Role(roles) => person.role.is_some_and(|role| roles.contains(role)),
        Test::Network(_)
        | Test::Country(_)
        | Test::Asn(_)
        | Test::Platform(_)
        | Test::Device(_)
        | Test::Risk(_)
        | Test::Client(_)
        | Test::Method(_)
        | Test::Path(_)
        | Test::Header(..)
        | Test::Schedule(_)
        | Test::Before(_)
        | Test::After(_)
        | Test::SignedInWith(_)
        | Test::GuestFor(_) => false,
    }
}
