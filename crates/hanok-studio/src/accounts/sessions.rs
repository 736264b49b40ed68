//! Sessions as people see them: which device, from where, since when; and their end.

use hanok_domain::fault::Fault;
use hanok_store::rows::sessions::Session;
use serde::Serialize;
use serde_json::json;

use crate::access::{Caller, Credential};
use crate::audit::{Deed, record};
use crate::studio::Studio;
use crate::time::rfc3339;

/// A session as listed.
#[derive(Debug, Clone, Serialize)]
pub struct SessionView {
    /// `sess_…`.
    pub id: String,
    /// Always `session`.
    pub object: String,
    /// Whether it is the one that asks.
    pub current: bool,
    /// Browser and system, as far as they say.
    pub device: String,
    /// Address that it began at.
    pub address: String,
    /// How it began: `password`, `secret`, `oidc`.
    pub method: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub last_seen_at: String,
    /// RFC 3339.
    pub expires_at: String,
}

impl Studio {
    /// The caller's open sessions, newest first.
    pub async fn sessions(&self, caller: &Caller) -> Result<Vec<SessionView>, Fault> {
        let user = &caller.user_id;
        let rows = self
            .store()
            .read(|tx| async move {
                let idle = tx.now().await? - idle_micros();
                let rows = tx.sessions().of_user(user).await?;
                Ok::<_, Fault>(rows.into_iter().filter(move |row| row.last_seen_at >= idle))
            })
            .await?;
        Ok(rows.map(|row| view(row, caller)).collect())
    }

    /// Ends one of the caller's sessions.
    ///
    /// # Errors
    /// 404 for one that is not theirs, or over.
    pub async fn end_session(&self, caller: &Caller, id: &str) -> Result<(), Fault> {
        self.store()
            .write(|tx| async move {
                if !tx.sessions().revoke(&caller.user_id, id).await? {
                    return Err(Fault::not_found("session", id));
                }
                let deed = Deed::done("account.session_end", "session", id);
                Ok(record(&tx, caller, deed).await?)
            })
            .await
    }

    /// Ends the caller's sessions but the one that asks; says how many.
    pub async fn end_other_sessions(&self, caller: &Caller) -> Result<u64, Fault> {
        let kept = current(caller).unwrap_or_default();
        self.store()
            .write(|tx| async move {
                let ended = tx.sessions().revoke_others(&caller.user_id, kept).await?;
                let deed = Deed::done("account.sessions_end", "user", &caller.user_id)
                    .detail(json!({ "ended": ended }));
                record(&tx, caller, deed).await?;
                Ok::<_, Fault>(ended)
            })
            .await
    }

    /// Ends all sessions of an account, by an administrator; says how many.
    pub async fn end_sessions_of(&self, caller: &Caller, user_id: &str) -> Result<u64, Fault> {
        self.store()
            .write(|tx| async move {
                super::list::present(&tx, user_id).await?;
                let ended = tx.sessions().revoke_all(user_id).await?;
                let deed = Deed::done("account.sessions_end", "user", user_id)
                    .detail(json!({ "ended": ended }));
                record(&tx, caller, deed).await?;
                Ok(ended)
            })
            .await
    }
}

fn idle_micros() -> i64 {
    i64::try_from(super::SESSION_IDLE.as_micros()).unwrap_or(i64::MAX)
}

fn current(caller: &Caller) -> Option<&str> {
    match &caller.credential {
        Credential::Session { id } | Credential::Token { id } => Some(id),
        _ => None,
    }
}

fn view(row: Session, caller: &Caller) -> SessionView {
    SessionView {
        current: current(caller) == Some(&row.id),
        id: row.id,
        object: "session".to_owned(),
        device: device(&row.user_agent),
        address: row.address,
        method: row.method,
        created_at: rfc3339(row.created_at),
        last_seen_at: rfc3339(row.last_seen_at),
        expires_at: rfc3339(row.expires_at),
    }
}

/// Browser and system of a client's name for itself. The first match counts: most browsers also call
/// themselves by the names of others.
fn device(agent: &str) -> String {
    let browsers = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("Whale/", "Whale"),
        ("Firefox/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("hanok/", "hanok"),
        ("curl/", "curl"),
        ("python", "Python"),
    ];
    let systems = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    let find = |table: &[(&str, &'static str)]| {
        table
            .iter()
            .find(|(mark, _)| agent.contains(mark))
            .map(|(_, name)| *name)
    };
    match (find(&browsers), find(&systems)) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => agent.chars().take(40).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_named_by_browser_and_system() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
            Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0";
        assert_eq!(device(edge), "Edge, Windows");
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 \
            (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1";
        assert_eq!(device(phone), "Safari, iPhone");
        assert_eq!(device("curl/8.5.0"), "curl");
        assert_eq!(device("<script>"), "<script>");
        assert_eq!(device(""), "");
    }
}
