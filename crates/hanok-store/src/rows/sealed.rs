//! Columns whose values are sealed, as a rotation of the key sees them: any table, an id and a text. What
//! is in them, and under which key, it does not know.

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};

use crate::{StoreError, Tx};

/// A column of sealed values.
#[derive(Debug, Clone, Copy)]
pub struct SealedColumn {
    /// Table.
    pub table: &'static str,
    /// Its key, a text.
    pub id: &'static str,
    /// The column, a text that may be missing.
    pub column: &'static str,
    /// What it is sealed for.
    pub purpose: &'static str,
}

/// Every column of sealed values. One that is not here is forgotten by a rotation.
pub const SEALED: &[SealedColumn] = &[SealedColumn {
    table: "users",
    id: "id",
    column: "totp_secret",
    purpose: "totp",
}];

/// One sealed value.
#[derive(Debug, Clone)]
pub struct SealedValue {
    /// The row's id.
    pub id: String,
    /// The value as it is stored.
    pub text: String,
}

/// Access to sealed values.
pub struct SealedValues<'t>(pub(crate) &'t Tx);

impl SealedValues<'_> {
    /// Values after an id, in the order of ids; none is the end.
    pub async fn page(
        &self,
        of: &SealedColumn,
        after: &str,
        limit: u64,
    ) -> Result<Vec<SealedValue>, StoreError> {
        let mut query = Query::select();
        query
            .columns([of.id, of.column])
            .from(of.table)
            .and_where(Expr::col(of.id).gt(after))
            .and_where(Expr::col(of.column).is_not_null())
            .order_by(of.id, Order::Asc)
            .limit(limit);
        let rows = self.0.conn().query_all(&query).await?;
        let value = |row: &sea_orm::QueryResult| {
            Ok(SealedValue {
                id: row.try_get_by_index(0)?,
                text: row.try_get_by_index(1)?,
            })
        };
        rows.iter().map(value).collect()
    }

    /// Puts another text in the place of a value, if it is still there; says whether it was.
    pub async fn replace(
        &self,
        of: &SealedColumn,
        value: &SealedValue,
        text: &str,
    ) -> Result<bool, StoreError> {
        let mut query = Query::update();
        query
            .table(of.table)
            .value(of.column, text)
            .and_where(Expr::col(of.id).eq(value.id.as_str()))
            .and_where(Expr::col(of.column).eq(value.text.as_str()));
        let done = self.0.conn().execute(&query).await?;
        Ok(done.rows_affected() == 1)
    }
}
