//! The tables as a transfer sees them: names, columns and keys, taken from the entities. Reads and writes
//! rows of any of them; does not know how far a transfer is.

use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use sea_orm::{
    ColumnTrait, ColumnType, ConnectionTrait, EntityTrait, IdenStatic, Iterable,
    PrimaryKeyToColumn, PrimaryKeyTrait, QueryResult,
};

use super::cell::{Cell, Kind};
use crate::entities::{
    api_keys, audit, audit_head, dataset_versions, datasets, deployments, evals, events, files,
    fine_tunes, idempotency, identities, invitations, jobs, mails, members, models, objects,
    oidc_flows, one_time_secrets, projects, recovery_codes, refresh_tokens, runs, sessions,
    sign_in_failures, usage, users, workers,
};
use crate::{StoreError, Tx};

/// One row, a cell for each column.
pub(super) type Row = Vec<Cell>;

/// A table.
#[derive(Clone)]
pub(super) struct Shape {
    pub(super) name: &'static str,
    pub(super) columns: Vec<(&'static str, Kind)>,
    /// Which columns its key consists of.
    key: Vec<usize>,
    /// The column that the database counts up, if there is one.
    pub(super) counter: Option<&'static str>,
}

/// Every table; what a row refers to comes before it.
pub(super) fn all() -> Result<Vec<Shape>, StoreError> {
    Ok(vec![
        of::<users::Entity>()?,
        of::<projects::Entity>()?,
        of::<members::Entity>()?,
        of::<one_time_secrets::Entity>()?,
        of::<sessions::Entity>()?,
        of::<api_keys::Entity>()?,
        of::<objects::Entity>()?,
        of::<files::Entity>()?,
        of::<datasets::Entity>()?,
        of::<dataset_versions::Entity>()?,
        of::<runs::Entity>()?,
        of::<models::Entity>()?,
        of::<evals::Entity>()?,
        of::<deployments::Entity>()?,
        of::<fine_tunes::Entity>()?,
        of::<usage::Entity>()?,
        of::<idempotency::Entity>()?,
        of::<events::Entity>()?,
        of::<workers::Entity>()?,
        of::<jobs::Entity>()?,
        of::<audit::Entity>()?,
        of::<audit_head::Entity>()?,
        of::<sign_in_failures::Entity>()?,
        of::<invitations::Entity>()?,
        of::<mails::Entity>()?,
        of::<refresh_tokens::Entity>()?,
        of::<recovery_codes::Entity>()?,
        of::<identities::Entity>()?,
        of::<oidc_flows::Entity>()?,
    ])
}

fn of<E: EntityTrait>() -> Result<Shape, StoreError> {
    let name = E::default().table_name();
    let mut columns = Vec::new();
    for column in E::Column::iter() {
        let kind = kind(column.def().get_column_type()).ok_or_else(|| {
            StoreError::Database(format!(
                "no transfer knows the kind of {name}.{}",
                column.as_str()
            ))
        })?;
        columns.push((column.as_str(), kind));
    }
    let named = |key: E::PrimaryKey| {
        let name = key.into_column().as_str().to_owned();
        columns.iter().position(|(column, _)| *column == name)
    };
    let key: Vec<usize> = E::PrimaryKey::iter().filter_map(named).collect();
    let counted = <E::PrimaryKey as PrimaryKeyTrait>::auto_increment();
    let counter = key.first().map(|index| columns[*index].0);
    Ok(Shape {
        name,
        counter: counter.filter(|_| counted),
        columns,
        key,
    })
}

fn kind(column: &ColumnType) -> Option<Kind> {
    match column {
        ColumnType::String(_) | ColumnType::Text => Some(Kind::Text),
        ColumnType::BigInteger => Some(Kind::Int),
        ColumnType::Boolean => Some(Kind::Flag),
        ColumnType::Blob | ColumnType::VarBinary(_) => Some(Kind::Bytes),
        _ => None,
    }
}

impl Shape {
    /// The rows after this key, in the order of keys.
    pub(super) async fn page(
        &self,
        tx: &Tx,
        after: Option<&[Cell]>,
        limit: u64,
    ) -> Result<Vec<Row>, StoreError> {
        let keys = || self.key.iter().map(|index| self.columns[*index].0);
        let mut query = Query::select();
        query.columns(self.names()).from(self.name).limit(limit);
        for key in keys() {
            query.order_by(key, Order::Asc);
        }
        if let Some(after) = after {
            let bound = after.iter().map(|cell| Expr::val(cell.value()));
            query.and_where(Expr::tuple(keys().map(Expr::col)).gt(Expr::tuple(bound)));
        }
        let rows = tx.conn().query_all(&query).await?;
        rows.iter().map(|row| self.read(row)).collect()
    }

    /// Adds rows as they are.
    pub(super) async fn insert(&self, tx: &Tx, rows: &[Row]) -> Result<(), StoreError> {
        let mut query = Query::insert();
        query.into_table(self.name).columns(self.names());
        for row in rows {
            let values = row.iter().map(|cell| Expr::val(cell.value()));
            let added = query.values(values);
            added.map_err(|error| StoreError::Database(error.to_string()))?;
        }
        tx.conn().execute(&query).await?;
        Ok(())
    }

    /// Removes every row.
    pub(super) async fn clear(&self, tx: &Tx) -> Result<(), StoreError> {
        let query = Query::delete().from_table(self.name).to_owned();
        tx.conn().execute(&query).await?;
        Ok(())
    }

    pub(super) async fn count<C: ConnectionTrait>(&self, conn: &C) -> Result<u64, StoreError> {
        let mut query = Query::select();
        query
            .expr(Expr::col(self.columns[0].0).count())
            .from(self.name);
        let row = conn.query_one(&query).await?;
        let count: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// Whether there is a row.
    pub(super) async fn filled<C: ConnectionTrait>(&self, conn: &C) -> Result<bool, StoreError> {
        let mut query = Query::select();
        query.column(self.columns[0].0).from(self.name).limit(1);
        Ok(conn.query_one(&query).await?.is_some())
    }

    /// The cells of a row that make its key.
    pub(super) fn key_of(&self, row: &Row) -> Vec<Cell> {
        self.key.iter().map(|index| row[*index].clone()).collect()
    }

    /// The key as text that [`Self::key_from`] reads.
    pub(super) fn key_text(&self, row: &Row) -> String {
        let cells = self.key_of(row);
        serde_json::Value::from_iter(cells.iter().map(Cell::json)).to_string()
    }

    pub(super) fn key_from(&self, text: &str) -> Result<Vec<Cell>, StoreError> {
        let kinds = self.key.iter().map(|index| self.columns[*index].1);
        let cells: Option<Vec<Cell>> = serde_json::from_str::<Vec<serde_json::Value>>(text)
            .ok()
            .filter(|values| values.len() == self.key.len())
            .and_then(|values| {
                let pairs = kinds.zip(&values);
                pairs
                    .map(|(kind, value)| Cell::of_json(kind, value))
                    .collect()
            });
        cells.ok_or_else(|| {
            StoreError::Database(format!("the progress of {} cannot be read", self.name))
        })
    }

    fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.columns.iter().map(|(name, _)| *name)
    }

    fn read(&self, row: &QueryResult) -> Result<Row, StoreError> {
        let cells = self.columns.iter().enumerate();
        cells
            .map(|(index, (_, kind))| Ok(Cell::read(row, index, *kind)?))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use sea_orm::{DatabaseConnection, Statement};

    use super::*;
    use crate::{Store, StoreConfig, connect};

    async fn column(connection: &DatabaseConnection, sql: String, at: usize) -> Vec<String> {
        let statement = Statement::from_string(connection.get_database_backend(), sql);
        let rows = connection.query_all_raw(statement).await.unwrap();
        let texts = rows.iter().map(|row| row.try_get_by_index(at).unwrap());
        texts.collect()
    }

    async fn schema(dir: &tempfile::TempDir) -> DatabaseConnection {
        let path = dir.path().join("h.db");
        let config = StoreConfig::new(format!("sqlite://{}", path.display()));
        Store::open(&config).await.unwrap().close().await.unwrap();
        connect::open(&config).await.unwrap().reader
    }

    #[tokio::test]
    async fn every_table_and_every_column_is_copied() {
        let dir = tempfile::tempdir().unwrap();
        let connection = schema(&dir).await;
        let sql = "SELECT name FROM sqlite_master WHERE type = 'table' \
            AND name NOT LIKE 'sqlite_%' AND name <> 'seaql_migrations'";
        let there: BTreeSet<String> = column(&connection, sql.to_owned(), 0)
            .await
            .into_iter()
            .collect();
        let tables = all().unwrap();
        let ours: BTreeSet<String> = tables.iter().map(|table| table.name.to_owned()).collect();
        assert_eq!(ours, there);
        assert_eq!(tables.len(), ours.len(), "each is listed once");
        for table in tables {
            let sql = format!("PRAGMA table_info({})", table.name);
            let there: BTreeSet<String> = column(&connection, sql, 1).await.into_iter().collect();
            let ours: BTreeSet<String> = table.names().map(str::to_owned).collect();
            assert_eq!(ours, there, "{}", table.name);
            assert!(!table.key.is_empty(), "{}", table.name);
        }
    }

    #[tokio::test]
    async fn what_a_row_refers_to_is_copied_before_it() {
        let dir = tempfile::tempdir().unwrap();
        let connection = schema(&dir).await;
        let mut before = BTreeSet::new();
        for table in all().unwrap() {
            let sql = format!("PRAGMA foreign_key_list({})", table.name);
            for target in column(&connection, sql, 2).await {
                assert!(before.contains(&target), "{} needs {target}", table.name);
            }
            before.insert(table.name.to_owned());
        }
    }
}
