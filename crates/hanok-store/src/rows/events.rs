//! Events: what happened, numbered per topic without gaps, replayable from any number.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect, Statement,
};
use serde::Serialize;
use serde_json::Value;

use crate::entities::events;
use crate::{StoreError, Tx, json};

/// An event.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// Whose it is.
    pub project_id: String,
    /// What it is about, for example a run's id.
    pub topic: String,
    /// 1, 2, … within the topic.
    pub seq: i64,
    /// For example `metrics`.
    pub kind: String,
    /// Null if damaged.
    pub data: Value,
    /// µs UTC.
    pub at: i64,
}

/// An event to append.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// For example `metrics`.
    pub kind: String,
    /// What happened.
    pub data: Value,
}

/// Access to events.
pub struct Events<'t>(pub(crate) &'t Tx);

impl Events<'_> {
    /// Appends to a topic, in this order, and notifies it. Returns the last number.
    pub async fn append(
        &self,
        project: &str,
        topic: &str,
        new: &[NewEvent],
    ) -> Result<i64, StoreError> {
        self.lock(project, topic).await?;
        let mut seq = self.last_seq(project, topic).await?;
        if new.is_empty() {
            return Ok(seq);
        }
        let at = self.0.now().await?;
        let mut rows = Vec::with_capacity(new.len());
        for event in new {
            seq += 1;
            rows.push(events::ActiveModel {
                project_id: Set(project.to_owned()),
                topic: Set(topic.to_owned()),
                seq: Set(seq),
                kind: Set(event.kind.clone()),
                data: Set(event.data.to_string()),
                at: Set(at),
                ..Default::default()
            });
        }
        // Seven values a row; SQLite takes at most 32,766 in one statement.
        for batch in rows.chunks(1000) {
            events::Entity::insert_many(batch.to_vec())
                .exec_without_returning(self.0.conn())
                .await?;
        }
        self.0.notify(project, topic);
        Ok(seq)
    }

    /// One writer per topic until the commit, so that numbers become visible in their
    /// order and nobody who replays misses one. SQLite has one writer at all.
    async fn lock(&self, project: &str, topic: &str) -> Result<(), StoreError> {
        if self.0.is_postgres() {
            let statement = Statement::from_sql_and_values(
                DbBackend::Postgres,
                "SELECT pg_advisory_xact_lock(hashtext($1), hashtext($2))",
                [project.into(), topic.into()],
            );
            self.0.conn().execute_raw(statement).await?;
        }
        Ok(())
    }

    /// The topic's events after this number, in order.
    pub async fn after(
        &self,
        project: &str,
        topic: &str,
        seq: i64,
        limit: u64,
    ) -> Result<Vec<Event>, StoreError> {
        let rows = events::Entity::find()
            .filter(events::Column::ProjectId.eq(project))
            .filter(events::Column::Topic.eq(topic))
            .filter(events::Column::Seq.gt(seq))
            .order_by_asc(events::Column::Seq)
            .limit(limit)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// The topic's events of these kinds before this number, newest first; all of them without one.
    pub async fn before(
        &self,
        project: &str,
        topic: &str,
        kinds: &[&str],
        seq: Option<i64>,
        limit: u64,
    ) -> Result<Vec<Event>, StoreError> {
        let mut query = events::Entity::find()
            .filter(events::Column::ProjectId.eq(project))
            .filter(events::Column::Topic.eq(topic))
            .filter(events::Column::Kind.is_in(kinds.iter().copied()));
        if let Some(seq) = seq {
            query = query.filter(events::Column::Seq.lt(seq));
        }
        let rows = query
            .order_by_desc(events::Column::Seq)
            .limit(limit)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// The number of the topic's last event; 0 if there is none.
    pub async fn last_seq(&self, project: &str, topic: &str) -> Result<i64, StoreError> {
        let last = events::Entity::find()
            .filter(events::Column::ProjectId.eq(project))
            .filter(events::Column::Topic.eq(topic))
            .order_by_desc(events::Column::Seq)
            .limit(1)
            .one(self.0.conn())
            .await?;
        Ok(last.map_or(0, |row| row.seq))
    }
}

impl From<events::Model> for Event {
    fn from(row: events::Model) -> Self {
        Self {
            data: json::read(&row.data, "events.data"),
            project_id: row.project_id,
            topic: row.topic,
            seq: row.seq,
            kind: row.kind,
            at: row.at,
        }
    }
}
