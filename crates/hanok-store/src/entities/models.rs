//! Table `models`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "models")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub project_id: String,
    pub name: String,
    pub kind: String,
    pub base_model: String,
    pub run_id: Option<String>,
    pub manifest: String,
    pub created_at: i64,
    pub deleted_at: Option<i64>,
    pub state: Option<String>,
    pub format: Option<String>,
    pub architecture: Option<String>,
    pub base: Option<String>,
    pub files: Option<String>,
    pub parameters: Option<i64>,
    pub context_length: Option<i64>,
    pub job_id: Option<String>,
    pub error_code: Option<String>,
    pub error_message: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
