//! `/v1.0/auditLogs/signIns`: who signed in, and who could not.

use http::StatusCode;
use serde_json::{Value, json};

use super::{
    super::{asker::Asker, input::Query, trouble::Trouble},
    answered, context,
    filter::{By, Options},
    origin,
};
use crate::{
    directory::{
        ReadAudit, Target,
        audit::{Event, Stored},
        may,
    },
    store::AuditFilter,
    web::Answer,
};

pub(super) async fn sign_ins(Asker { state, actor }: Asker, Query(options): Query<Options>) -> Result<Answer, Trouble> {
    let _ = may::<ReadAudit>(&actor, Target::Everything)?;
    let mut filter = AuditFilter { event: Some(Event::SessionOpened), ..AuditFilter::default() };
    for term in options.terms()? {
        let odd = || Trouble::Input(format!("a filter by `{}` is not supported here", term.property));
        match (term.property.as_str(), term.by) {
            ("userId", By::Equal) => filter.guest = Some(term.value.parse().map_err(|_| odd())?),
            ("createdDateTime", By::AtLeast) => filter.since = Some(super::super::audit::instant("createdDateTime", &term.value)?),
            ("status/errorCode", By::Equal) if term.value == "0" => {}
            _ => return Err(odd()),
        }
    }
    let odd = |_| Trouble::Input("this `$skiptoken` was not given by us".to_owned());
    let after = options.skiptoken.as_deref().map(|text| text.parse::<u64>().map_err(odd)).transpose()?.unwrap_or(0);
    let wanted = options.page()? as usize;
    let entries = state.store.audit_where(filter, after, wanted).await?;
    let config = &state.live.snapshot().config;
    let mut body = json!({"@odata.context": context(config, "auditLogs/signIns")});
    if let Some(last) = entries.last().filter(|_| entries.len() == wanted) {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if let Some(filter) = &options.filter {
            query.append_pair("$filter", filter);
        }
        query.append_pair("$top", &wanted.to_string()).append_pair("$skiptoken", &last.sequence.to_string());
        body["@odata.nextLink"] = json!(format!("{}/v1.0/auditLogs/signIns?{}", origin(config), query.finish()));
    }
    let shown = |entry: &Value| {
        let personal = |name: &str| entry.pointer(&format!("/personal/{name}")).cloned().unwrap_or(Value::Null);
        let app = entry.get("app").filter(|app| !app.is_null()).cloned().unwrap_or_else(|| json!("portal"));
        json!({
            "id": entry.get("id"), "createdDateTime": entry.get("at"), "userId": entry.get("guest"), "userPrincipalName": personal("guest"),
            "userDisplayName": personal("guest"), "appId": app, "appDisplayName": app, "ipAddress": personal("ip"),
            "clientAppUsed": "Browser", "conditionalAccessStatus": "success", "isInteractive": true,
            "status": {"errorCode": 0, "failureReason": null, "additionalDetails": null},
        })
    };
    body["value"] = Value::Array(entries.iter().map(Stored::shown).map(|entry| shown(&entry)).collect());
    Ok(answered(StatusCode::OK, &body))
}
