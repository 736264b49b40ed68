//! Accounts with passwords: what one waits for, how a session began, failed sign-ins, invitations, and the
//! mails that are to go out.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

use super::table::{
    IndexSpec,
    Kind::{Int, IntNull, Text, TextNull},
    TableSpec, add, index, unique,
};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0006_accounts"
    }
}

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES {
            manager.create_table(table.statement()).await?;
        }
        manager
            .alter_table(add("users", "waits_for", TextNull))
            .await?;
        manager
            .alter_table(add("users", "deleted_at", IntNull))
            .await?;
        manager
            .alter_table(add("sessions", "method", TextNull))
            .await?;
        for index in INDEXES {
            manager.create_index(index.statement()).await?;
        }
        let connection = manager.get_connection();
        if manager.get_database_backend() == DbBackend::Postgres {
            for sql in BEGINNINGS {
                connection.execute_unprepared(sql).await?;
            }
        }
        Ok(())
    }
}

const TABLES: &[TableSpec] = &[
    TableSpec {
        name: "sign_in_failures",
        key: &["subject"],
        columns: &[
            ("subject", Text),
            ("failures", Int),
            ("began_at", Int),
            ("locked_until", Int),
            ("lockouts", Int),
        ],
        references: &[],
    },
    TableSpec {
        name: "invitations",
        key: &["id"],
        columns: &[
            ("id", Text),
            ("hash", Text),
            ("email", TextNull),
            ("role", Text),
            ("project_id", TextNull),
            ("project_role", TextNull),
            ("created_by", Text),
            ("created_at", Int),
            ("expires_at", Int),
            ("used_at", IntNull),
            ("used_by", TextNull),
            ("revoked_at", IntNull),
        ],
        references: &[],
    },
    TableSpec {
        name: "mails",
        key: &["id"],
        columns: &[
            ("id", Text),
            ("kind", Text),
            ("recipient", Text),
            ("subject_id", TextNull),
            ("language", Text),
            ("created_at", Int),
            ("next_try_at", Int),
            ("tries", Int),
            ("sent_at", IntNull),
            ("error", TextNull),
        ],
        references: &[],
    },
];

const INDEXES: &[IndexSpec] = &[
    unique("invitations", &["hash"]),
    index("mails", &["sent_at", "next_try_at"]),
    index("mails", &["kind", "recipient"]),
    index("users", &["role", "id"]),
    index("sign_in_failures", &["locked_until"]),
];

/// A search by the beginning of a name uses an index of PostgreSQL only where that compares bytes.
const BEGINNINGS: [&str; 2] = [
    "CREATE INDEX users_name_begins ON users (name text_pattern_ops)",
    "CREATE INDEX users_email_begins ON users (email text_pattern_ops)",
];
