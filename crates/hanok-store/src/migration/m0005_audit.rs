//! The audit log. Its rows name accounts and projects without a reference, since they outlive both.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

use super::table::{
    IndexSpec,
    Kind::{Int, IntNull, Text, TextNull},
    TableSpec, index, unique,
};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0005_audit"
    }
}

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(AUDIT.statement()).await?;
        manager.create_table(HEAD.statement()).await?;
        for index in INDEXES {
            manager.create_index(index.statement()).await?;
        }
        let connection = manager.get_connection();
        connection.execute_unprepared(UNSEALED).await?;
        connection.execute_unprepared(REFUSED).await?;
        Ok(())
    }
}

const AUDIT: TableSpec = TableSpec {
    name: "audit",
    key: &["id"],
    columns: &[
        ("id", Text),
        ("at", Int),
        ("project_id", TextNull),
        ("actor", Text),
        ("actor_id", TextNull),
        ("actor_name", Text),
        ("credential_id", TextNull),
        ("action", Text),
        ("object_kind", TextNull),
        ("object_id", TextNull),
        ("outcome", Text),
        ("address", Text),
        ("user_agent", Text),
        ("request_id", Text),
        ("detail", Text),
        ("seq", IntNull),
        ("hash", TextNull),
    ],
    references: &[],
};

/// The end of the chain, signed; one row.
const HEAD: TableSpec = TableSpec {
    name: "audit_head",
    key: &["id"],
    columns: &[
        ("id", Text),
        ("seq", Int),
        ("hash", Text),
        ("at", Int),
        ("signature", Text),
    ],
    references: &[],
};

const INDEXES: &[IndexSpec] = &[
    unique("audit", &["seq"]),
    index("audit", &["project_id", "id"]),
    index("audit", &["actor_id", "id"]),
    index("audit", &["action", "id"]),
    index("audit", &["object_id", "id"]),
];

/// The sealer asks for these each second, among all that are sealed.
const UNSEALED: &str = "CREATE INDEX audit_unsealed ON audit (id) WHERE seq IS NULL";

/// Nearly all rows tell of something that was done; the others are looked for among them.
const REFUSED: &str = "CREATE INDEX audit_refused ON audit (outcome, id) WHERE outcome <> 'done'";
