//! `/v1/organization/audit_logs`: the audit log as OpenAI's administration surface has it. Types of events are
//! our own, `noun.verb`.

use axum::Json;
use axum::extract::State;
use hanok_domain::fault::Fault;
use hanok_studio::audit::{AuditPart, AuditQuery, AuditView};
use serde_json::{Map, Value, json};

use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Query;
use crate::ui::format::{iso, micros};

pub(super) async fn list(
    State(app): State<App>,
    Signed(caller): Signed,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<Value>, ApiError> {
    let (query, part) = asked(pairs)?;
    let page = app.studio.audit_log(&caller, &query, &part).await?;
    let data: Vec<Value> = page.rows.iter().map(event).collect();
    Ok(Json(json!({
        "object": "list",
        "first_id": page.rows.first().map(|row| &row.id),
        "last_id": page.last_id,
        "has_more": page.has_more,
        "data": data,
    })))
}

/// OpenAI's words for a query; lists are repeated keys with brackets.
fn asked(pairs: Vec<(String, String)>) -> Result<(AuditQuery, AuditPart), Fault> {
    let (mut query, mut part) = (AuditQuery::default(), AuditPart::default());
    for (key, value) in pairs {
        match key.trim_end_matches("[]") {
            "project_ids" => add(&mut query.project, &value),
            "event_types" => add(&mut query.action, &value),
            "actor_ids" => add(&mut query.actor, &value),
            "resource_ids" => query.object = value,
            "after" => part.after = Some(value),
            "before" => part.before = Some(value),
            "limit" => part.limit = Some(number(&key, &value)?.unsigned_abs()),
            // Seconds are whole: after one is from the next one on.
            "effective_at[gte]" => query.since = moment(&key, &value, 0)?,
            "effective_at[gt]" => query.since = moment(&key, &value, 1)?,
            "effective_at[lt]" => query.until = moment(&key, &value, 0)?,
            "effective_at[lte]" => query.until = moment(&key, &value, 1)?,
            _ => {
                let text = format!("There is no parameter '{key}'.");
                return Err(Fault::invalid("unknown_field", text).field(key));
            }
        }
    }
    Ok((query, part))
}

fn add(list: &mut String, value: &str) {
    if !list.is_empty() {
        list.push(',');
    }
    list.push_str(value);
}

fn number(key: &str, value: &str) -> Result<i64, Fault> {
    value.parse().map_err(|_| {
        let text = format!("'{value}' is no whole number.");
        Fault::invalid("invalid_filter", text).field(key)
    })
}

fn moment(key: &str, value: &str, later: i64) -> Result<String, Fault> {
    let seconds = number(key, value)?.clamp(0, 253_402_300_000);
    Ok(iso((seconds + later) * 1_000_000))
}

fn event(row: &AuditView) -> Value {
    let mut event = json!({
        "id": row.id,
        "type": row.action,
        "effective_at": micros(&row.at).div_euclid(1_000_000),
        "actor": actor(row),
    });
    if let Some(project) = &row.project {
        event["project"] = json!({ "id": project });
    }
    let mut told = Map::new();
    told.insert("id".to_owned(), json!(row.object_id));
    told.insert("object_type".to_owned(), json!(row.object_kind));
    told.insert("outcome".to_owned(), json!(row.outcome));
    told.insert("data".to_owned(), row.detail.clone());
    event[&row.action] = Value::Object(told);
    event
}

fn actor(row: &AuditView) -> Value {
    let user = json!({ "id": row.actor_id, "name": row.actor_name });
    match row.actor.as_str() {
        "key" => json!({
            "type": "api_key",
            "api_key": { "type": "user", "id": row.credential_id, "user": user },
        }),
        _ => json!({
            "type": "session",
            "session": {
                "user": user,
                "ip_address": row.address,
                "user_agent": row.user_agent,
            },
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_openai_are_ours() {
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let (query, part) = asked(vec![
            pair("event_types[]", "key.create"),
            pair("event_types[]", "key.revoke"),
            pair("effective_at[gt]", "0"),
            pair("effective_at[lte]", "951782400"),
            pair("limit", "5"),
            pair("before", "aud_1"),
        ])
        .unwrap();
        assert_eq!(query.action, "key.create,key.revoke");
        assert_eq!(query.since, "1970-01-01T00:00:01Z");
        assert_eq!(query.until, "2000-02-29T00:00:01Z");
        assert_eq!(
            (part.limit, part.before.as_deref()),
            (Some(5), Some("aud_1"))
        );
        assert!(asked(vec![pair("effective_at[gt]", "soon")]).is_err());
        assert!(asked(vec![pair("bypass_filter", "true")]).is_err());
    }
}
