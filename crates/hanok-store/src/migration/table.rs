//! Tables and indexes as data, turned into statements for either database.
//! Does not own any table.

use sea_orm_migration::sea_query::{
    ColumnDef, ForeignKey, Index, IndexCreateStatement, IndexOrder, Table, TableAlterStatement,
    TableCreateStatement,
};

/// What a column holds: the few types that both databases store alike.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// Text, also ids, states and JSON.
    Text,
    /// Text or nothing.
    TextNull,
    /// 64-bit integer, also times (µs UTC) and money (micro-units).
    Int,
    /// 64-bit integer or nothing.
    IntNull,
    /// True or false.
    Flag,
    /// 64-bit integer given by the database.
    Serial,
}

pub(super) struct TableSpec {
    pub(super) name: &'static str,
    pub(super) key: &'static [&'static str],
    pub(super) columns: &'static [(&'static str, Kind)],
    /// Column and the table whose `id` it names.
    pub(super) references: &'static [(&'static str, &'static str)],
}

impl TableSpec {
    pub(super) fn statement(&self) -> TableCreateStatement {
        let mut table = Table::create();
        table.table(self.name);
        for (name, kind) in self.columns {
            table.col(column(name, *kind));
        }
        // The column that the database counts up is declared as the key already.
        if !self
            .columns
            .iter()
            .any(|(_, kind)| matches!(kind, Kind::Serial))
        {
            let mut key = Index::create();
            for column in self.key {
                key.col(*column);
            }
            table.primary_key(&mut key);
        }
        for (column, target) in self.references {
            let mut reference = ForeignKey::create();
            reference.from_tbl(self.name).from_col(*column);
            reference.to_tbl(*target).to_col("id");
            table.foreign_key(&mut reference);
        }
        table
    }
}

/// Adds a column to a table that is there already; it must be one that may be empty.
pub(super) fn add(table: &'static str, name: &'static str, kind: Kind) -> TableAlterStatement {
    Table::alter()
        .table(table)
        .add_column(column(name, kind))
        .to_owned()
}

fn column(name: &'static str, kind: Kind) -> ColumnDef {
    let mut column = ColumnDef::new(name);
    match kind {
        Kind::Text => column.text().not_null(),
        Kind::TextNull => column.text(),
        Kind::Int => column.big_integer().not_null(),
        Kind::IntNull => column.big_integer(),
        Kind::Flag => column.boolean().not_null(),
        Kind::Serial => column
            .big_integer()
            .not_null()
            .auto_increment()
            .primary_key(),
    };
    column
}

const DESCENDING: &str = " desc";

pub(super) struct IndexSpec {
    table: &'static str,
    /// Names, with ` desc` behind those that run downwards.
    columns: &'static [&'static str],
    unique: bool,
}

pub(super) const fn index(table: &'static str, columns: &'static [&'static str]) -> IndexSpec {
    IndexSpec {
        table,
        columns,
        unique: false,
    }
}

pub(super) const fn unique(table: &'static str, columns: &'static [&'static str]) -> IndexSpec {
    IndexSpec {
        table,
        columns,
        unique: true,
    }
}

impl IndexSpec {
    pub(super) fn statement(&self) -> IndexCreateStatement {
        let mut statement = Index::create();
        statement
            .name(format!(
                "ix_{}_{}",
                self.table,
                self.columns.join("_").replace(DESCENDING, "")
            ))
            .table(self.table);
        for column in self.columns {
            match column.strip_suffix(DESCENDING) {
                Some(column) => statement.col((column, IndexOrder::Desc)),
                None => statement.col(*column),
            };
        }
        if self.unique {
            statement.unique();
        }
        statement
    }
}
