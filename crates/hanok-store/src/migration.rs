//! The migrations in order. Expand, then contract: a release adds, the one after it removes.

use sea_orm_migration::MigrationTrait;

mod m0001_first;
mod m0002_models;
mod m0003_pause;
mod m0004_indexes;
mod m0005_audit;
mod m0006_accounts;
mod m0007_tokens;
mod m0008_projects;
mod table;

pub(crate) fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m0001_first::Migration),
        Box::new(m0002_models::Migration),
        Box::new(m0003_pause::Migration),
        Box::new(m0004_indexes::Migration),
        Box::new(m0005_audit::Migration),
        Box::new(m0006_accounts::Migration),
        Box::new(m0007_tokens::Migration),
        Box::new(m0008_projects::Migration),
    ]
}
