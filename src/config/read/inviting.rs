//! Who may invite whom, and how many: `invitations:`, `apps[].invitations:`, `apps[].owners:` and `roles:`.

use super::{
    app::AppRead,
    fields::{Fields, Read},
    parts::LONGEST,
};
use crate::{
    base::{
        AppId, At, EmailAddress, Name, Span,
        yaml::{Node, Value},
    },
    config::{AppInvitations, InvitationTemplate, Invitations, Inviter, Roles, TemplateOffer},
};

/// Longest message of a template, in characters.
const LONGEST_MESSAGE: usize = 2_000;
/// Largest quota.
const MOST: u32 = 1_000_000;

/// Owners as they are written: addresses, and groups of members with where they are named.
#[derive(Debug, Default)]
pub(super) struct OwnersRead {
    pub(super) addresses: Vec<EmailAddress>,
    pub(super) groups: Vec<(Name, At)>,
}

impl Read<'_> {
    pub(super) fn invitations(&mut self, node: &Node) -> Option<Invitations> {
        let fields = self.fields(node, &["lifetime", "allow_domains", "deny_domains", "access_for", "per_day"], &[])?;
        let usual = Invitations::default();
        Some(Invitations {
            lifetime: self.length(&fields, "lifetime").unwrap_or(usual.lifetime),
            allow_domains: fields.get("allow_domains").map(|n| self.list_of(n)).unwrap_or_default(),
            deny_domains: fields.get("deny_domains").map(|n| self.list_of(n)).unwrap_or_default(),
            access_for: self.length(&fields, "access_for").unwrap_or(usual.access_for),
            per_day: self.quota(&fields, "per_day"),
        })
    }

    /// What one app narrows.
    pub(super) fn app_invitations(&mut self, node: &Node) -> Option<AppInvitations> {
        let keys = ["lifetime", "allow_domains", "deny_domains", "access_for", "domains", "open", "guests", "per_day"];
        let fields = self.fields(node, &keys, &[])?;
        Some(AppInvitations {
            lifetime: self.length(&fields, "lifetime"),
            allow_domains: fields.get("allow_domains").map(|n| self.list_of(n)).unwrap_or_default(),
            deny_domains: fields.get("deny_domains").map(|n| self.list_of(n)).unwrap_or_default(),
            access_for: self.length(&fields, "access_for"),
            domains: fields.get("domains").map(|n| self.list_of(n)).unwrap_or_default(),
            open: self.quota(&fields, "open"),
            guests: self.quota(&fields, "guests"),
            per_day: self.quota(&fields, "per_day"),
        })
    }

    /// Addresses, and groups of members as `{ group: charts-owners }`.
    pub(super) fn owners(&mut self, node: &Node) -> OwnersRead {
        let mut read = OwnersRead::default();
        for element in self.some(node, "owner") {
            if matches!(element.value, Value::Map(_)) {
                let Some(fields) = self.fields(element, &["group"], &[]) else { continue };
                let Some(named) = self.required(&fields, "this owner", "group", "charts-owners") else { continue };
                if let Some(group) = self.reader.parsed::<Name>(named) {
                    read.groups.push((group, named.at));
                }
            } else if let Some(address) = self.reader.parsed::<EmailAddress>(element) {
                if read.addresses.contains(&address) {
                    self.error(element.at, "this is in the list already", None);
                }
                read.addresses.push(address);
            }
        }
        read
    }

    pub(super) fn roles(&mut self, node: &Node, apps: &[AppRead]) -> Option<Roles> {
        let fields = self.fields(node, &["admins", "inviters", "groups"], &[])?;
        let admins = fields.get("admins").map(|n| self.list_of(n)).unwrap_or_default();
        let mut inviters: Vec<Inviter> = Vec::new();
        for element in fields.get("inviters").map(|n| self.elements(n)).unwrap_or_default() {
            let Some(inviter) = self.inviter(element, apps) else { continue };
            if inviters.iter().any(|other| other.email == inviter.email) {
                self.error(element.at, "this is in the list already", None);
            }
            inviters.push(inviter);
        }
        let groups = fields.get("groups").map(|n| self.groups(n)).unwrap_or_default();
        Some(Roles { admins, inviters, groups })
    }

    /// An address, or `{ email, apps, domains, per_day }`.
    fn inviter(&mut self, node: &Node, apps: &[AppRead]) -> Option<Inviter> {
        if !matches!(node.value, Value::Map(_)) {
            return self.reader.parsed::<EmailAddress>(node).map(Inviter::from);
        }
        let fields = self.fields(node, &["email", "apps", "domains", "per_day"], &[])?;
        let email = self.required(&fields, "this inviter", "email", "kim@example.com").and_then(|n| self.reader.parsed(n));
        let only = fields.get("apps").map(|n| {
            let known: Vec<&str> = apps.iter().filter_map(|app| app.id.as_ref()).map(|(id, _)| id.as_str()).collect();
            let mut only: Vec<AppId> = Vec::new();
            for element in self.some(n, "app") {
                let Some(app) = self.reader.parsed::<AppId>(element) else { continue };
                if !known.contains(&app.as_str()) {
                    self.reader.unknown("app", app.as_str(), element.at, &known);
                }
                only.push(app);
            }
            only
        });
        Some(Inviter {
            email: email?,
            apps: only,
            domains: fields.get("domains").map(|n| self.list_of(n)).unwrap_or_default(),
            per_day: self.quota(&fields, "per_day"),
        })
    }

    /// Groups of members, by name.
    fn groups(&mut self, node: &Node) -> Vec<(Name, Vec<EmailAddress>)> {
        let Some(entries) = self.reader.any_map(node) else { return Vec::new() };
        let mut groups = Vec::new();
        for entry in entries {
            match Name::parse(&entry.key) {
                Ok(name) => groups.push((name, self.list_of(&entry.value))),
                Err(cause) => self.error(entry.at, format!("`{}` is no name of a group: {cause}", entry.key), None),
            }
        }
        groups
    }

    /// Groups that own apps must have members from somewhere: from `roles.groups`, or from what a provider of members says.
    pub(super) fn owned(&mut self, roles: &Roles, said_by_provider: bool, apps: &mut [AppRead]) {
        let known: Vec<&str> = roles.groups.iter().map(|(name, _)| name.as_str()).collect();
        for read in apps {
            for (group, at) in &read.owner_groups {
                if !known.contains(&group.as_str()) && !said_by_provider {
                    self.reader.unknown("group", group.as_str(), *at, &known);
                }
                let Some(app) = &mut read.app else { continue };
                let members = roles.group(group).iter().filter(|member| !app.owners.contains(member)).cloned().collect::<Vec<_>>();
                app.owners.extend(members);
            }
        }
    }

    /// What is prepared for invitations.
    pub(super) fn invitation_templates(&mut self, node: &Node, apps: &[AppRead]) -> Vec<InvitationTemplate> {
        let mut read: Vec<InvitationTemplate> = Vec::new();
        for element in self.elements(node) {
            let Some(template) = self.template(element, apps) else { continue };
            if read.iter().any(|other| other.id == template.id) {
                self.error(element.at, format!("two templates have the id `{}`", template.id), None);
            }
            read.push(template);
        }
        read
    }

    fn template(&mut self, node: &Node, apps: &[AppRead]) -> Option<InvitationTemplate> {
        let fields = self.fields(node, &["id", "title", "apps", "groups", "message", "language"], &[])?;
        let id: Option<Name> = self.required(&fields, "this template", "id", "auditors").and_then(|n| self.reader.parsed(n));
        let title = fields.get("title").and_then(|n| self.line(n));
        let offered = self.required(&fields, "this template", "apps", "[charts]");
        let mut offers: Vec<TemplateOffer> = Vec::new();
        for element in offered.map(|n| self.some(n, "app")).unwrap_or_default() {
            let Some(offer) = self.offered(element, apps) else { continue };
            if offers.iter().any(|other| other.app == offer.app) {
                self.error(element.at, "this is in the list already", None);
            }
            offers.push(offer);
        }
        let message = fields.get("message").and_then(|n| self.reader.text(n).map(|text| (text.trim().to_owned(), n.at)));
        if let Some((_, at)) = message.as_ref().filter(|(text, _)| text.chars().count() > LONGEST_MESSAGE) {
            self.error(*at, "a message has at most 2000 characters", None);
        }
        let id = id?;
        Some(InvitationTemplate {
            title: title.unwrap_or_else(|| id.to_string()),
            id,
            offers,
            groups: fields.get("groups").map(|n| self.list_of(n)).unwrap_or_default(),
            message: message.map(|(text, _)| text).filter(|text| !text.is_empty()),
            language: fields.get("language").and_then(|n| self.line(n)),
        })
    }

    /// An app, or `{ app, role, access_for }`.
    fn offered(&mut self, node: &Node, apps: &[AppRead]) -> Option<TemplateOffer> {
        let (named, role, access_for) = if matches!(node.value, Value::Map(_)) {
            let fields = self.fields(node, &["app", "role", "access_for"], &[])?;
            let role = fields.get("role").and_then(|n| self.reader.parsed(n));
            (self.required(&fields, "this offer", "app", "charts")?, role, self.length(&fields, "access_for"))
        } else {
            (node, None, None)
        };
        let app: AppId = self.reader.parsed(named)?;
        let known: Vec<&str> = apps.iter().filter_map(|app| app.id.as_ref()).map(|(id, _)| id.as_str()).collect();
        if !known.contains(&app.as_str()) {
            self.reader.unknown("app", app.as_str(), named.at, &known);
        }
        Some(TemplateOffer { app, role, access_for })
    }

    fn length(&mut self, fields: &Fields<'_>, key: &str) -> Option<Span> {
        fields.get(key).and_then(|n| self.span(n, Span::mins(1), LONGEST))
    }

    fn quota(&mut self, fields: &Fields<'_>, key: &str) -> Option<u32> {
        fields.get(key).and_then(|n| self.count(n, 0, MOST))
    }
}
