//! Refresh tokens, the second factor, and who somebody is at a provider of identities.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::sea_orm::DbErr;
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

use super::table::{
    IndexSpec,
    Kind::{Int, IntNull, Text, TextNull},
    TableSpec, add, index, unique,
};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0007_tokens"
    }
}

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, kind) in [
            ("totp_secret", TextNull),
            ("totp_confirmed_at", IntNull),
            ("totp_last_step", IntNull),
        ] {
            manager.alter_table(add("users", name, kind)).await?;
        }
        for table in TABLES {
            manager.create_table(table.statement()).await?;
        }
        for index in INDEXES {
            manager.create_index(index.statement()).await?;
        }
        Ok(())
    }
}

const OF_USER: (&str, &str) = ("user_id", "users");

const TABLES: &[TableSpec] = &[
    TableSpec {
        name: "refresh_tokens",
        key: &["id"],
        columns: &[
            ("id", Text),
            ("session_id", Text),
            ("user_id", Text),
            ("project_id", Text),
            ("hash", Text),
            ("created_at", Int),
            ("expires_at", Int),
            ("used_at", IntNull),
        ],
        references: &[
            ("session_id", "sessions"),
            OF_USER,
            ("project_id", "projects"),
        ],
    },
    TableSpec {
        name: "recovery_codes",
        key: &["id"],
        columns: &[
            ("id", Text),
            ("user_id", Text),
            ("hash", Text),
            ("created_at", Int),
            ("used_at", IntNull),
        ],
        references: &[OF_USER],
    },
    TableSpec {
        name: "identities",
        key: &["id"],
        columns: &[
            ("id", Text),
            ("user_id", Text),
            ("issuer", Text),
            ("subject", Text),
            ("created_at", Int),
            ("last_used_at", IntNull),
        ],
        references: &[OF_USER],
    },
    TableSpec {
        name: "oidc_flows",
        key: &["id"],
        columns: &[
            ("id", Text),
            ("state_hash", Text),
            ("browser_hash", Text),
            ("nonce", Text),
            ("verifier", Text),
            ("redirect_uri", Text),
            ("next", Text),
            ("link_user_id", TextNull),
            ("created_at", Int),
            ("expires_at", Int),
            ("used_at", IntNull),
        ],
        references: &[("link_user_id", "users")],
    },
];

const INDEXES: &[IndexSpec] = &[
    unique("refresh_tokens", &["hash"]),
    index("refresh_tokens", &["session_id"]),
    unique("recovery_codes", &["hash"]),
    index("recovery_codes", &["user_id"]),
    unique("identities", &["issuer", "subject"]),
    index("identities", &["user_id"]),
    unique("oidc_flows", &["state_hash"]),
    index("oidc_flows", &["expires_at"]),
];
