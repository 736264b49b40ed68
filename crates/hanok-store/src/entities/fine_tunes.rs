//! Table `fine_tunes`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "fine_tunes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub project_id: String,
    pub model: String,
    pub training_file: String,
    pub validation_file: Option<String>,
    pub dataset_id: String,
    pub validation_dataset_id: Option<String>,
    pub request: String,
    pub state: String,
    pub run_id: Option<String>,
    pub error_code: Option<String>,
    pub error_message: Option<String>,
    pub created_by: String,
    pub created_at: i64,
    pub finished_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
