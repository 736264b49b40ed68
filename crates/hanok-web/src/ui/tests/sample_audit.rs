//! Sample data for the page of the audit log.

use hanok_domain::fault::Fault;
use hanok_studio::audit::{AuditFinding, AuditQuery, AuditReport, AuditView, Head, Verified};
use serde_json::{Value, json};

use super::sample::{MINUTE, NOW};
use crate::ui::admin::audit::view::{AuditLog, Seal};
use crate::ui::format::iso;

fn row(
    minutes: i64,
    who: &str,
    action: &str,
    outcome: &str,
    object: &str,
    detail: Value,
) -> AuditView {
    let kind = object
        .split_once(['_', '-'])
        .map(|(kind, _)| kind.to_owned());
    AuditView {
        id: format!("aud_01jb3q8d1vxh2n5c7e9g0k{minutes:04}"),
        object: "audit.row".to_owned(),
        at: iso(NOW - minutes * MINUTE),
        project: Some("proj_01jb3q8d1vxh2n5c7e9g0k4m6p".to_owned()),
        actor: if who.is_empty() { "nobody" } else { "session" }.to_owned(),
        actor_id: (!who.is_empty()).then(|| "user_01jb3q8d1vxh2n5c7e9g0k4m6p".to_owned()),
        actor_name: who.to_owned(),
        credential_id: Some("sess_01jb3q8d1vxh2n5c7e9g0k4m6p".to_owned()),
        action: action.to_owned(),
        object_kind: kind,
        object_id: (!object.is_empty()).then(|| object.to_owned()),
        outcome: outcome.to_owned(),
        address: "203.0.113.7".to_owned(),
        user_agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36".to_owned(),
        request_id: "req_01jb3q8d1vxh2n5c7e9g0k4m6p".to_owned(),
        detail,
        seq: Some(2000 - minutes),
        hash: Some("4f1c".repeat(16)),
    }
}

fn seal() -> Seal {
    let head = Head {
        seq: 1_000_412,
        hash: "4f1c".repeat(16),
        at: NOW - MINUTE / 60,
        signature: "a0".repeat(32),
    };
    let report = AuditReport {
        clean: true,
        sealed: 1_000_400,
        checked: 1_000_400,
        ..AuditReport::default()
    };
    Seal {
        head: Some(head),
        trouble: None,
        verified: Some(Verified {
            at: NOW - 3 * MINUTE,
            report,
        }),
    }
}

pub fn log() -> AuditLog {
    let refused = json!({ "route": "GET /v1/models", "code": "invalid_api_key", "requests": 1204 });
    AuditLog {
        rows: vec![
            row(
                0,
                "admin",
                "account.sign_in",
                "done",
                "sess_01jb3q8d1vxh2n5c7e9g0k4m6p",
                Value::Null,
            ),
            row(2, "", "access.deny", "denied", "", refused),
            row(
                9,
                "민수",
                "dataset.create",
                "done",
                "ds_01jb3q8d1vxh2n5c7e9g0k4m6p",
                json!({ "name": "reviews", "bytes": 51200 }),
            ),
            row(
                80,
                "a-person-with-a-long-name",
                "audit.verify",
                "failed",
                "log",
                Value::Null,
            ),
            row(
                3000,
                "admin",
                "model.download",
                "done",
                "model_01jb3q8d1vxh2n5c7e9g0k4m6p",
                Value::Null,
            ),
        ],
        next: Some("aud_x".to_owned()),
        seal: seal(),
        ..AuditLog::default()
    }
}

pub fn broken() -> AuditLog {
    let mut log = log();
    let found = AuditFinding {
        code: "altered".to_owned(),
        seq: 512,
        id: Some("aud_01jb3q8d1vxh2n5c7e9g0k4m6p".to_owned()),
        message: "Row 512 was altered, or row 511 was replaced together with its link.".to_owned(),
    };
    if let Some(verified) = &mut log.seal.verified {
        verified.report.clean = false;
        verified.report.findings = vec![found];
    }
    let text =
        "The database is behind the kept head: it ends at row 900 of the chain, the head at 1000.";
    log.seal.trouble = Some(text.to_owned());
    log.query.text = "key".to_owned();
    log
}

pub fn wrong() -> AuditLog {
    AuditLog {
        query: AuditQuery {
            since: "yesterday".to_owned(),
            ..AuditQuery::default()
        },
        fault: Some(
            Fault::invalid("invalid_filter", "'yesterday' is neither a day nor a time.")
                .field("since")
                .remedy("Write 2026-05-04 or 2026-05-04T03:02:01Z."),
        ),
        ..AuditLog::default()
    }
}
