//! What the gateway does by itself as time goes by.

use crate::base::Span;

/// Reminders, suspension and removal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifecycle {
    /// How long before its end a guest is reminded of an invitation; `None`: not at all.
    pub remind_invitation: Option<Span>,
    /// How long before the end of an access guest and sponsor are told, the longest first.
    pub remind_access: Vec<Span>,
    /// How long before an access ends for not being used the guest is told; `None`: not at all.
    pub remind_inactive: Option<Span>,
    /// How long after a sponsor has left the guest is suspended; `None`: never.
    pub sponsor_grace: Option<Span>,
    /// After how long without any access, or suspended by the gateway, a guest is removed; `None`: never.
    pub remove_after: Option<Span>,
}

impl Lifecycle {
    /// How long a removed guest can be brought back as before.
    pub const RESTORE_WITHIN: Span = Span::days(30);
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self {
            remind_invitation: Some(Span::days(2)),
            remind_access: vec![Span::days(14), Span::days(2)],
            remind_inactive: Some(Span::days(7)),
            sponsor_grace: Some(Span::days(14)),
            remove_after: Some(Span::days(90)),
        }
    }
}
