//! Indexes of the few rows that are looked for again and again, among all that are over: requests being
//! served, and jobs that wait.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

/// The order of a claim stands in its index, so that PostgreSQL takes the first row of it even where it has no
/// statistics yet, instead of sorting all that wait.
const STATEMENTS: [&str; 3] = [
    "CREATE INDEX usage_being_served ON usage (at) WHERE status = 0",
    "CREATE INDEX jobs_waiting ON jobs (executor, priority DESC, id) WHERE state = 'queued'",
    "DROP INDEX ix_jobs_state_priority_id",
];

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0004_indexes"
    }
}

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for sql in STATEMENTS {
            connection.execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
