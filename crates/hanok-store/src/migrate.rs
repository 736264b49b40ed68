//! Brings the schema up to date, under a lock and in one transaction: all or nothing.
//! Does not own what the migrations do.

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use sea_orm_migration::{MigrationTrait, MigratorTrait};

use crate::{StoreError, migration};

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        migration::all()
    }
}

pub(crate) async fn up(writer: &DatabaseConnection) -> Result<(), StoreError> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Exclusive),
        ..Default::default()
    };
    let txn = writer.begin_with_options(options).await?;
    if txn.get_database_backend() == DbBackend::Postgres {
        // Held to the end of the transaction; per schema, so that strangers do not wait.
        txn.execute_unprepared(
            "SELECT pg_advisory_xact_lock(hashtext('hanok migrations ' || current_schema()))",
        )
        .await?;
    }
    refuse_newer(&txn).await?;
    Migrator::up(&txn, None).await?;
    txn.commit().await?;
    Ok(())
}

async fn refuse_newer(txn: &DatabaseTransaction) -> Result<(), StoreError> {
    let known = migration::all();
    let applied = Migrator::get_migration_models(txn).await?;
    let found = applied
        .iter()
        .map(|row| &row.version)
        .filter(|version| !known.iter().any(|one| one.name() == version.as_str()))
        .max();
    match found {
        Some(found) => Err(StoreError::SchemaTooNew {
            found: found.clone(),
        }),
        None => Ok(()),
    }
}
