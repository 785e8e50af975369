//! Who answers for accesses, and which of them exclude each other.

use std::{fmt, str::FromStr};

use super::{AppId, Name, NameError};

/// Who is asked whether accesses are still needed. Owners may always answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reviewers {
    /// The owners of the app.
    #[default]
    Owners,
    /// Whoever is responsible for each guest; and the owners.
    Sponsors,
}

/// An app, or one role in it: something that a person does, and that another duty may exclude.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Duty {
    /// Which app.
    pub app: AppId,
    /// Which role in it; `None`: any, and none.
    pub role: Option<Name>,
}

/// Groups of duties of which nobody may have more than one: separation of duties.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exclusions(Vec<Vec<Duty>>);

/// Two duties that exclude each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// One of them.
    pub one: Duty,
    /// The other.
    pub other: Duty,
}

impl Reviewers {
    /// As the configuration and the API name them.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owners => "owners",
            Self::Sponsors => "sponsors",
        }
    }
}

impl Duty {
    /// The duty that comes with an access.
    pub fn of(app: &AppId, role: Option<&Name>) -> Self {
        Self { app: app.clone(), role: role.cloned() }
    }

    /// Whether an access of this kind is one of what is named here.
    fn names(&self, had: &Self) -> bool {
        self.app == had.app && (self.role.is_none() || self.role == had.role)
    }
}

impl FromStr for Duty {
    type Err = NameError;

    /// `charts`, or `charts:approver`.
    fn from_str(text: &str) -> Result<Self, NameError> {
        match text.split_once(':') {
            Some((app, role)) => Ok(Self { app: AppId::parse(app.trim())?, role: Some(Name::parse(role.trim())?) }),
            None => Ok(Self { app: AppId::parse(text.trim())?, role: None }),
        }
    }
}

impl fmt::Display for Duty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.role {
            Some(role) => write!(f, "{}:{role}", self.app),
            None => self.app.fmt(f),
        }
    }
}

impl fmt::Display for Clash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` and `{}` exclude each other", self.one, self.other)
    }
}

impl Exclusions {
    /// These groups, each of duties of which nobody may have more than one.
    pub fn new(groups: Vec<Vec<Duty>>) -> Self {
        Self(groups)
    }

    /// The groups.
    pub fn groups(&self) -> &[Vec<Duty>] {
        &self.0
    }

    /// The first two of what somebody has, or would have, that exclude each other.
    pub fn clash(&self, had: &[Duty]) -> Option<Clash> {
        had.iter().enumerate().find_map(|(n, one)| self.clash_with(one, had.get(n + 1..).unwrap_or_default()))
    }

    /// What of the rest excludes one duty.
    pub fn clash_with(&self, one: &Duty, rest: &[Duty]) -> Option<Clash> {
        let side = |group: &[Duty], had: &Duty| group.iter().position(|named| named.names(had));
        self.0.iter().find_map(|group| {
            let ours = side(group, one)?;
            let other = rest.iter().find(|other| other.app != one.app && side(group, other).is_some_and(|theirs| theirs != ours))?;
            Some(Clash { one: one.clone(), other: other.clone() })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn duties(text: &str) -> Vec<Duty> {
        text.split_whitespace().map(|word| word.parse().unwrap()).collect()
    }

    #[test]
    fn what_excludes_each_other_is_found_by_app_and_by_role() {
        let rules = Exclusions::new(vec![duties("charts ledger"), duties("orders:clerk pay:approver stock")]);
        for (had, clash) in [
            ("charts wiki", None),
            ("charts ledger", Some("`charts` and `ledger` exclude each other")),
            ("charts:reader ledger:writer", Some("`charts:reader` and `ledger:writer` exclude each other")),
            ("orders pay:approver", None),
            ("orders:clerk pay:reader", None),
            ("wiki orders:clerk pay:approver", Some("`orders:clerk` and `pay:approver` exclude each other")),
            ("stock:anything orders:clerk", Some("`stock:anything` and `orders:clerk` exclude each other")),
        ] {
            assert_eq!(rules.clash(&duties(had)).map(|clash| clash.to_string()).as_deref(), clash, "{had}");
        }
        assert!("Charts!".parse::<Duty>().is_err() && "charts:".parse::<Duty>().is_err());
    }
}
