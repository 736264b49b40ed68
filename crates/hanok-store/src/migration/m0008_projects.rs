//! Projects in the bin, the project that a session is in, bounds of keys and where they were used.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::sea_orm::DbErr;
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

use super::table::{
    Kind::{IntNull, TextNull},
    add,
};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0008_projects"
    }
}

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column, kind) in [
            ("projects", "deleted_at", IntNull),
            ("projects", "purge_after", IntNull),
            ("sessions", "project_id", TextNull),
            ("api_keys", "limits", TextNull),
            ("api_keys", "last_used_from", TextNull),
        ] {
            manager.alter_table(add(table, column, kind)).await?;
        }
        Ok(())
    }
}
