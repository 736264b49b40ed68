//! The first schema. Never edited once released: what changes is a new migration.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::sea_orm::DbErr;
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

use super::table::{IndexSpec, index, unique};

mod accounts;
mod records;
mod studio;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0001_first"
    }
}

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for tables in [accounts::TABLES, studio::TABLES, records::TABLES] {
            for table in tables {
                manager.create_table(table.statement()).await?;
            }
        }
        for index in INDEXES {
            manager.create_index(index.statement()).await?;
        }
        Ok(())
    }
}

const OF_PROJECT: (&str, &str) = ("project_id", "projects");

const INDEXES: &[IndexSpec] = &[
    unique("users", &["name"]),
    unique("users", &["email"]),
    index("members", &["user_id"]),
    unique("one_time_secrets", &["hash"]),
    unique("sessions", &["token_hash"]),
    index("sessions", &["user_id"]),
    unique("api_keys", &["hash"]),
    index("api_keys", &["project_id", "id"]),
    index("datasets", &["project_id", "id"]),
    unique("dataset_versions", &["dataset_id", "number"]),
    index("runs", &["project_id", "id"]),
    unique("models", &["project_id", "name"]),
    index("models", &["project_id", "id"]),
    index("evals", &["project_id", "id"]),
    index("evals", &["run_id"]),
    index("deployments", &["project_id", "id"]),
    index("usage", &["project_id", "at"]),
    unique("events", &["project_id", "topic", "seq"]),
    index("jobs", &["project_id", "id"]),
    // The claim takes the best of what is queued; the reaper looks at the leases.
    index("jobs", &["state", "priority desc", "id"]),
    index("jobs", &["state", "lease_until"]),
];
