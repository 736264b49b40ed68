//! Models of several files, imported or tuned; uploaded files; fine-tuning jobs of the OpenAI surface.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::sea_orm::DbErr;
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

use super::table::{
    IndexSpec,
    Kind::{self, Int, IntNull, Text, TextNull},
    TableSpec, add, index,
};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0002_models"
    }
}

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, kind) in MODEL_COLUMNS {
            manager.alter_table(add("models", name, *kind)).await?;
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

/// Empty in rows of the first schema: heads, which are ready.
const MODEL_COLUMNS: &[(&str, Kind)] = &[
    ("state", TextNull),
    ("format", TextNull),
    ("architecture", TextNull),
    ("base", TextNull),
    ("files", TextNull),
    ("parameters", IntNull),
    ("context_length", IntNull),
    ("job_id", TextNull),
    ("error_code", TextNull),
    ("error_message", TextNull),
];

const TABLES: &[TableSpec] = &[
    TableSpec {
        name: "files",
        key: &["id"],
        columns: &[
            ("id", Text),
            ("project_id", Text),
            ("name", Text),
            ("purpose", Text),
            ("bytes", Int),
            ("hash", Text),
            ("created_by", Text),
            ("created_at", Int),
            ("deleted_at", IntNull),
        ],
        references: &[("project_id", "projects")],
    },
    TableSpec {
        name: "fine_tunes",
        key: &["id"],
        columns: &[
            ("id", Text),
            ("project_id", Text),
            ("model", Text),
            ("training_file", Text),
            ("validation_file", TextNull),
            ("dataset_id", Text),
            ("validation_dataset_id", TextNull),
            ("request", Text),
            ("state", Text),
            ("run_id", TextNull),
            ("error_code", TextNull),
            ("error_message", TextNull),
            ("created_by", Text),
            ("created_at", Int),
            ("finished_at", IntNull),
        ],
        references: &[
            ("project_id", "projects"),
            ("dataset_id", "datasets"),
            ("validation_dataset_id", "datasets"),
            ("run_id", "runs"),
        ],
    },
];

const INDEXES: &[IndexSpec] = &[
    index("files", &["project_id", "id"]),
    index("fine_tunes", &["project_id", "id"]),
    index("fine_tunes", &["dataset_id"]),
    index("fine_tunes", &["run_id"]),
    index("models", &["base"]),
];
