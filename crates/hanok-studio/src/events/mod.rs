//! Events of runs, data sets and evaluations: read after a cursor, followed live.

mod cursor;

use hanok_domain::fault::Fault;
use hanok_store::rows::events::Event;
use serde_json::{Value, json};
use tokio::sync::broadcast;

use crate::access::Caller;
use crate::studio::Studio;
use crate::time;

pub use cursor::Cursor;
pub use hanok_store::Change;

/// One event of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct EventView {
    /// What it is about, for example `run_…`.
    pub topic: String,
    /// Number within its topic, from 1.
    pub seq: i64,
    /// `metric`, `log`, `progress`, `state`.
    pub kind: String,
    /// RFC 3339.
    pub at: String,
    /// Content, by kind.
    pub data: Value,
}

impl EventView {
    /// The event as programs get it: its content with topic, number and time beside it.
    pub fn message(&self) -> Value {
        let mut message = match &self.data {
            Value::Object(content) => Value::Object(content.clone()),
            other => json!({ "value": other }),
        };
        message["topic"] = json!(self.topic);
        message["seq"] = json!(self.seq);
        message["at"] = json!(self.at);
        message
    }

    pub(crate) fn of(row: Event) -> Self {
        Self {
            topic: row.topic,
            seq: row.seq,
            kind: row.kind,
            at: time::rfc3339(row.at),
            data: row.data,
        }
    }
}

impl Studio {
    /// Events of the cursor's topics that come after it, in order within each topic.
    pub async fn events_after(
        &self,
        caller: &Caller,
        cursor: &Cursor,
        limit: u64,
    ) -> Result<Vec<EventView>, Fault> {
        let project = &caller.project_id;
        self.store()
            .read(|tx| async move {
                let mut found = Vec::new();
                for (topic, after) in cursor.positions() {
                    let rows = tx.events().after(project, topic, after, limit).await?;
                    found.extend(rows.into_iter().map(EventView::of));
                }
                Ok(found)
            })
            .await
    }

    /// Says that something changed; who follows looks at the log again.
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.store().subscribe()
    }

    /// Every topic must be an object of the caller's project; another's is as absent as none.
    pub async fn check_topics(&self, caller: &Caller, topics: &[String]) -> Result<(), Fault> {
        for topic in topics {
            match topic.split_once('_').map(|(prefix, _)| prefix) {
                Some("run") => self.run(caller, topic).await.map(drop)?,
                Some("ds") => self.dataset(caller, topic).await.map(drop)?,
                Some("eval") => self.eval(caller, topic).await.map(drop)?,
                Some("model") => self.model(caller, topic).await.map(drop)?,
                Some("dep") => self.deployment(caller, topic).await.map(drop)?,
                _ => return Err(Fault::not_found("topic", topic).field("topics")),
            }
        }
        Ok(())
    }
}
