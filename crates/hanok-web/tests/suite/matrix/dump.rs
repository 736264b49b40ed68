//! All rows of all tables, read past the store, to see what changed.

use std::collections::BTreeMap;

use hanok_store::StoreConfig;
use hanok_testkit::TestDatabase;

use crate::world::World;

/// Rows by table, each as one text.
#[derive(Debug, PartialEq, Eq)]
pub struct Dump(BTreeMap<String, Vec<String>>);

/// Notes of when something was last used are no change of it.
const NOTES: [&str; 3] = ["last_used_at", "last_used_from", "last_seen_at"];

impl Dump {
    pub async fn of(world: &World) -> Self {
        let url = format!("sqlite://{}", world.dir().join("hanok.db").display());
        let db = TestDatabase::at(StoreConfig::new(url));
        let mut all = BTreeMap::new();
        let tables = db
            .texts("SELECT name FROM sqlite_master WHERE type = 'table'")
            .await;
        for table in tables {
            let columns = db
                .texts(&format!("SELECT name FROM pragma_table_info('{table}')"))
                .await;
            let columns: Vec<String> = columns
                .into_iter()
                .filter(|column| !NOTES.contains(&column.as_str()))
                .map(|column| format!("'{column}=' || quote(\"{column}\")"))
                .collect();
            let sql = format!(
                "SELECT {} FROM \"{table}\" ORDER BY 1",
                columns.join(" || ' ' || ")
            );
            all.insert(table, db.texts(&sql).await);
        }
        Self(all)
    }

    /// Rows that name a project are there as they were.
    pub fn unchanged_in(&self, after: &Self, project: &str) {
        for (table, rows) in &self.0 {
            for row in rows.iter().filter(|row| row.contains(project)) {
                assert!(
                    after.0[table].contains(row),
                    "{table} lost or changed {row}"
                );
            }
        }
    }

    /// Every row is as it was, and there is none beside.
    pub fn unchanged(&self, after: &Self, why: &str) {
        // The log tells of looks and refusals too; that is no change of what they are about.
        for (table, rows) in self.0.iter().filter(|(table, _)| *table != "audit") {
            let now = &after.0[table];
            let lost: Vec<_> = rows.iter().filter(|row| !now.contains(row)).collect();
            let new: Vec<_> = now.iter().filter(|row| !rows.contains(row)).collect();
            assert!(
                lost.is_empty() && new.is_empty(),
                "{why}: {table} lost {lost:#?}, has {new:#?}"
            );
        }
    }
}
