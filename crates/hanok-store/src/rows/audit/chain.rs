//! The chain over the rows: which are in it, where it ends, and adding to it. What a link is made of stands in
//! `link`; knows neither keys nor when to seal.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect, Statement, Value,
};

use super::{Audit, Sealable};
use crate::StoreError;
use crate::entities::{audit, audit_head};

/// The one row of the head.
const HEAD: &str = "head";

/// A row's place and link.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The row.
    pub id: String,
    /// Its place.
    pub seq: i64,
    /// Its link.
    pub hash: String,
}

/// The end of the chain, signed by whoever sealed it.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Head {
    /// Place of the last sealed row.
    pub seq: i64,
    /// Its link.
    pub hash: String,
    /// µs UTC.
    pub at: i64,
    /// What only the holder of the key can make.
    pub signature: String,
}

impl Audit<'_> {
    /// Takes the right to seal for this transaction; false while another server has it. SQLite has one
    /// writer anyway.
    pub async fn take_chain(&self) -> Result<bool, StoreError> {
        if !self.0.is_postgres() {
            return Ok(true);
        }
        let sql = "SELECT pg_try_advisory_xact_lock(hashtext('hanok audit ' || current_schema())) AS taken";
        let statement = Statement::from_string(DbBackend::Postgres, sql);
        let row = self.0.conn().query_one_raw(statement).await?;
        let row = row.ok_or_else(|| StoreError::Database("the lock gave no row".to_owned()))?;
        Ok(row.try_get("", "taken")?)
    }

    /// Rows that are not sealed yet, the oldest first.
    pub async fn unsealed(&self, limit: u64) -> Result<Vec<Sealable>, StoreError> {
        let rows = match self.0.is_postgres() {
            true => {
                audit::Entity::find()
                    .filter(audit::Column::Seq.is_null())
                    .order_by_asc(audit::Column::Id)
                    .limit(limit)
                    .all(self.0.conn())
                    .await?
            }
            // SQLite has no statistics here, and would sort all that wait for each batch of them.
            false => {
                let sql = "SELECT * FROM audit INDEXED BY audit_unsealed \
                           WHERE seq IS NULL ORDER BY id LIMIT $1";
                let backend = self.0.conn().get_database_backend();
                let statement = Statement::from_sql_and_values(backend, sql, [limit.into()]);
                let query = audit::Entity::find().from_raw_sql(statement);
                query.all(self.0.conn()).await?
            }
        };
        Ok(rows.into_iter().map(Sealable::new).collect())
    }

    /// Whether a row waits to be sealed.
    pub async fn any_unsealed(&self) -> Result<bool, StoreError> {
        Ok(!self.unsealed(1).await?.is_empty())
    }

    /// Sealed rows after this place, in their order.
    pub async fn sealed_after(&self, seq: i64, limit: u64) -> Result<Vec<Sealable>, StoreError> {
        let rows = audit::Entity::find()
            .filter(audit::Column::Seq.gt(seq))
            .order_by_asc(audit::Column::Seq)
            .limit(limit)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Sealable::new).collect())
    }

    /// The signed end of the chain, once there is one.
    pub async fn head(&self) -> Result<Option<Head>, StoreError> {
        let row = audit_head::Entity::find_by_id(HEAD)
            .one(self.0.conn())
            .await?;
        Ok(row.map(|row| Head {
            seq: row.seq,
            hash: row.hash,
            at: row.at,
            signature: row.signature,
        }))
    }

    /// The last place that is taken; 0 while there is none.
    pub async fn last_seq(&self) -> Result<i64, StoreError> {
        let row = audit::Entity::find()
            .filter(audit::Column::Seq.is_not_null())
            .order_by_desc(audit::Column::Seq)
            .limit(1)
            .one(self.0.conn())
            .await?;
        Ok(row.and_then(|row| row.seq).unwrap_or(0))
    }

    /// How many rows are sealed, and how many are not.
    pub async fn sealed_and_not(&self) -> Result<(i64, i64), StoreError> {
        let count = async |sql: &str| -> Result<i64, StoreError> {
            let statement =
                Statement::from_string(self.0.conn().get_database_backend(), sql.to_owned());
            let row = self.0.conn().query_one_raw(statement).await?;
            let row = row.ok_or_else(|| StoreError::Database("a count gave no row".to_owned()))?;
            Ok(row.try_get("", "n")?)
        };
        let not = count("SELECT count(*) AS n FROM audit WHERE seq IS NULL").await?;
        let sealed = count("SELECT count(seq) AS n FROM audit").await?;
        Ok((sealed, not))
    }

    /// Gives rows their places and links, and the chain its new head, which must follow the place `after`.
    ///
    /// # Errors
    /// A conflict where somebody else has sealed meanwhile, or a place is taken.
    pub async fn seal(&self, after: i64, links: &[Link], head: &Head) -> Result<(), StoreError> {
        self.move_head(after, head).await?;
        let done = match self.0.is_postgres() {
            true => self.place_all(links).await?,
            false => self.place_each(links).await?,
        };
        match done == links.len() as u64 {
            true => Ok(()),
            false => Err(meanwhile()),
        }
    }

    /// SQLite would go through all rows that wait for every one of these, so that each is named by itself.
    async fn place_each(&self, links: &[Link]) -> Result<u64, StoreError> {
        let sql = "UPDATE audit SET seq = $1, hash = $2 WHERE id = $3 AND seq IS NULL";
        let backend = self.0.conn().get_database_backend();
        let mut done = 0;
        for link in links {
            let hash = link.hash.as_str();
            let values: [Value; 3] = [link.seq.into(), hash.into(), link.id.as_str().into()];
            let statement = Statement::from_sql_and_values(backend, sql, values);
            done += self.0.conn().execute_raw(statement).await?.rows_affected();
        }
        Ok(done)
    }

    async fn place_all(&self, links: &[Link]) -> Result<u64, StoreError> {
        let mut sql = "WITH v(id, seq, hash) AS (VALUES ".to_owned();
        let mut values: Vec<Value> = Vec::with_capacity(links.len() * 3);
        for (at, link) in links.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            let n = at * 3;
            let (id, seq, hash) = (n + 1, n + 2, n + 3);
            sql += &format!(
                "{comma}(CAST(${id} AS TEXT), CAST(${seq} AS BIGINT), CAST(${hash} AS TEXT))"
            );
            values.extend([
                link.id.as_str().into(),
                link.seq.into(),
                link.hash.as_str().into(),
            ]);
        }
        sql += ") UPDATE audit SET seq = v.seq, hash = v.hash FROM v \
                WHERE audit.id = v.id AND audit.seq IS NULL";
        let backend = self.0.conn().get_database_backend();
        let statement = Statement::from_sql_and_values(backend, sql, values);
        Ok(self.0.conn().execute_raw(statement).await?.rows_affected())
    }

    async fn move_head(&self, after: i64, head: &Head) -> Result<(), StoreError> {
        let row = audit_head::Model {
            id: HEAD.to_owned(),
            seq: head.seq,
            hash: head.hash.clone(),
            at: head.at,
            signature: head.signature.clone(),
        };
        if after == 0 {
            return self.0.insert(row).await;
        }
        let moved = audit_head::ActiveModel {
            seq: Set(row.seq),
            hash: Set(row.hash),
            at: Set(row.at),
            signature: Set(row.signature),
            ..Default::default()
        };
        let done = audit_head::Entity::update_many()
            .set(moved)
            .filter(audit_head::Column::Id.eq(HEAD))
            .filter(audit_head::Column::Seq.eq(after))
            .exec(self.0.conn())
            .await?;
        match done.rows_affected {
            1 => Ok(()),
            _ => Err(meanwhile()),
        }
    }
}

fn meanwhile() -> StoreError {
    StoreError::Conflict("the audit log was sealed by somebody else meanwhile".to_owned())
}
