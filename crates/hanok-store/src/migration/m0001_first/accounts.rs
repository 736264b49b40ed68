//! Tables of who may do what: projects, accounts, their credentials.

use super::OF_PROJECT;
use crate::migration::table::{
    Kind::{Int, IntNull, Text, TextNull},
    TableSpec,
};

pub(super) const TABLES: &[TableSpec] = &[
    TableSpec {
        name: "projects",
        key: &["id"],
        columns: &[
            ("id", Text),
            ("name", Text),
            ("kind", Text),
            ("object_key", Text),
            ("created_at", Int),
        ],
        references: &[],
    },
    TableSpec {
        name: "users",
        key: &["id"],
        columns: &[
            ("id", Text),
            ("name", Text),
            ("email", TextNull),
            ("role", Text),
            ("password_hash", TextNull),
            ("created_at", Int),
            ("disabled_at", IntNull),
        ],
        references: &[],
    },
    TableSpec {
        name: "members",
        key: &["project_id", "user_id"],
        columns: &[("project_id", Text), ("user_id", Text), ("role", Text)],
        references: &[OF_PROJECT, ("user_id", "users")],
    },
    TableSpec {
        name: "one_time_secrets",
        key: &["id"],
        columns: &[
            ("id", Text),
            ("purpose", Text),
            ("hash", Text),
            ("user_id", Text),
            ("created_at", Int),
            ("expires_at", Int),
            ("used_at", IntNull),
        ],
        references: &[("user_id", "users")],
    },
    TableSpec {
        name: "sessions",
        key: &["id"],
        columns: &[
            ("id", Text),
            ("user_id", Text),
            ("token_hash", Text),
            ("created_at", Int),
            ("last_seen_at", Int),
            ("expires_at", Int),
            ("revoked_at", IntNull),
            ("user_agent", Text),
            ("address", Text),
        ],
        references: &[("user_id", "users")],
    },
    TableSpec {
        name: "api_keys",
        key: &["id"],
        columns: &[
            ("id", Text),
            ("project_id", Text),
            ("user_id", Text),
            ("name", Text),
            ("prefix", Text),
            ("hash", Text),
            ("scopes", Text),
            ("created_at", Int),
            ("last_used_at", IntNull),
            ("expires_at", IntNull),
            ("revoked_at", IntNull),
        ],
        references: &[OF_PROJECT, ("user_id", "users")],
    },
];
