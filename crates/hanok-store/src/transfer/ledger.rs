//! How far a transfer is, kept in the target itself: a row that says whose transfer it is, and one for each
//! table, which moves in the transaction that adds the rows. Does not copy anything.

use sea_orm::entity::prelude::*;
use sea_orm::{DatabaseConnection, DbBackend, QueryFilter, TransactionTrait};
use sea_orm_migration::SchemaManager;

use super::shape::Shape;
use crate::{StoreConfig, StoreError, Tx, connect, migrate};

const TABLE: &str = "transfer_progress";
/// The row that is about the transfer as a whole; no table has this name.
const WHOLE: &str = "*";
pub(super) const COPYING: &str = "copying";
pub(super) const DONE: &str = "done";

const CREATE: &str = "CREATE TABLE IF NOT EXISTS transfer_progress (\
    name text NOT NULL PRIMARY KEY, source text NOT NULL, state text NOT NULL, \
    last_key text, copied bigint NOT NULL, updated_at bigint NOT NULL)";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "transfer_progress")]
pub(super) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) name: String,
    /// The installation that the rows come from.
    pub(super) source: String,
    pub(super) state: String,
    pub(super) last_key: Option<String>,
    pub(super) copied: i64,
    pub(super) updated_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Refuses a database that only a part of its rows has reached.
pub(crate) async fn refuse_unfinished(connection: &DatabaseConnection) -> Result<(), StoreError> {
    if !SchemaManager::new(connection).has_table(TABLE).await? {
        return Ok(());
    }
    match Entity::find_by_id(WHOLE).one(connection).await? {
        Some(whole) if whole.state != DONE => Err(StoreError::Config(
            "the move into this database is not finished: run the same `hanok store migrate` \
             again, or empty the database"
                .to_owned(),
        )),
        _ => Ok(()),
    }
}

/// Makes the table, in a database that is empty or has it already.
pub(super) async fn prepare(config: &StoreConfig, tables: &[Shape]) -> Result<(), StoreError> {
    let pools = connect::open(config).await?;
    let manager = SchemaManager::new(&pools.writer);
    if !manager.has_table(TABLE).await? {
        for table in tables {
            if manager.has_table(table.name).await? && table.filled(&pools.writer).await? {
                return Err(occupied(table.name));
            }
        }
    }
    let owner = pools.migrator.as_ref().unwrap_or(&pools.writer);
    let role = match &pools.migrator {
        Some(_) => Some(migrate::role(&pools.writer).await?),
        None => None,
    };
    let txn = owner.begin().await?;
    if txn.get_database_backend() == DbBackend::Postgres {
        // Two that make one table at the same moment get in each other's way.
        let sql = "SELECT pg_advisory_xact_lock(hashtext('hanok transfer ' || current_schema()))";
        txn.execute_unprepared(sql).await?;
    }
    txn.execute_unprepared(CREATE).await?;
    if let Some(role) = &role {
        txn.execute_unprepared(&migrate::grants(role)).await?;
    }
    txn.commit().await?;
    close(pools).await
}

/// Has the database count on from what was copied. Only who owns a counter may set it.
pub(super) async fn count_on(config: &StoreConfig, tables: &[Shape]) -> Result<(), StoreError> {
    let pools = connect::open(config).await?;
    let owner = pools.migrator.as_ref().unwrap_or(&pools.writer);
    // SQLite looks at the rows itself.
    if owner.get_database_backend() == DbBackend::Postgres {
        for table in tables {
            let Some(column) = table.counter else {
                continue;
            };
            let name = table.name;
            let sql = format!(
                "SELECT setval(pg_get_serial_sequence('{name}', '{column}'), \
                 (SELECT greatest(max({column}) + 1, 1) FROM {name}), false)"
            );
            owner.execute_unprepared(&sql).await?;
        }
    }
    close(pools).await
}

async fn close(pools: connect::Pools) -> Result<(), StoreError> {
    if let Some(migrator) = &pools.migrator {
        migrator.close_by_ref().await?;
    }
    pools.reader.close_by_ref().await?;
    Ok(pools.writer.close_by_ref().await?)
}

/// Takes an empty target for this source, or finds it taken; the state it is in.
pub(super) async fn claim(tx: &Tx, source: &str, tables: &[Shape]) -> Result<String, StoreError> {
    if let Some(whole) = find(tx, WHOLE).await? {
        return match whole.source == source {
            true => Ok(whole.state),
            false => Err(StoreError::Conflict(
                "the target is being filled from another installation, or was".to_owned(),
            )),
        };
    }
    for table in tables {
        if table.filled(tx.conn()).await? {
            return Err(occupied(table.name));
        }
    }
    begin(tx, WHOLE, source).await?;
    Ok(COPYING.to_owned())
}

/// The row of a table, made if it is the first time.
pub(super) async fn of(tx: &Tx, table: &str, source: &str) -> Result<Model, StoreError> {
    match find(tx, table).await? {
        Some(found) => Ok(found),
        None => begin(tx, table, source).await,
    }
}

/// Moves the row of a table on, unless somebody else has.
pub(super) async fn advance(tx: &Tx, from: &Model, to: &Model) -> Result<(), StoreError> {
    let moved = Entity::update_many()
        .col_expr(Column::LastKey, Expr::value(to.last_key.clone()))
        .col_expr(Column::Copied, Expr::value(to.copied))
        .col_expr(Column::State, Expr::value(to.state.clone()))
        .col_expr(Column::UpdatedAt, Expr::value(tx.now().await?))
        .filter(Column::Name.eq(&from.name))
        .filter(Column::Copied.eq(from.copied))
        .filter(Column::State.eq(COPYING))
        .exec(tx.conn())
        .await?;
    match moved.rows_affected {
        1 => Ok(()),
        _ => Err(StoreError::Conflict(
            "another transfer into this database goes on".to_owned(),
        )),
    }
}

/// The transfer is over.
pub(super) async fn finish(tx: &Tx) -> Result<(), StoreError> {
    let whole = find(tx, WHOLE)
        .await?
        .ok_or_else(|| StoreError::Conflict("the transfer is gone from its target".to_owned()))?;
    if whole.state == DONE {
        return Ok(());
    }
    let done = Model {
        state: DONE.to_owned(),
        ..whole.clone()
    };
    advance(tx, &whole, &done).await
}

/// Forgets how far the tables are, unless the transfer is over.
pub(super) async fn forget(tx: &Tx) -> Result<(), StoreError> {
    let whole = find(tx, WHOLE).await?;
    if whole.is_none_or(|whole| whole.state == DONE) {
        return Err(StoreError::Conflict(
            "the transfer is finished: nothing of it is removed".to_owned(),
        ));
    }
    let tables = Entity::delete_many().filter(Column::Name.ne(WHOLE));
    tables.exec(tx.conn()).await?;
    Ok(())
}

async fn find(tx: &Tx, name: &str) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find_by_id(name).one(tx.conn()).await?)
}

async fn begin(tx: &Tx, name: &str, source: &str) -> Result<Model, StoreError> {
    let row = Model {
        name: name.to_owned(),
        source: source.to_owned(),
        state: COPYING.to_owned(),
        last_key: None,
        copied: 0,
        updated_at: tx.now().await?,
    };
    tx.insert(row.clone()).await?;
    Ok(row)
}

fn occupied(table: &str) -> StoreError {
    StoreError::Conflict(format!(
        "the target must be empty, and there are rows in '{table}'"
    ))
}
