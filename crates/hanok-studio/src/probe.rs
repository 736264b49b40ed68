//! What the studio stands on, asked now: used by readiness.

use crate::studio::Studio;

/// One thing that must work.
#[derive(Debug, Clone)]
pub struct Service {
    /// `database`, `objects`, `workers`.
    pub name: &'static str,
    /// Whether it does.
    pub up: bool,
}

impl Studio {
    /// Asks the database for its clock, the objects whether they can be trusted, and whether a host is there.
    pub async fn probe(&self) -> Vec<Service> {
        let clock = self.store().read(|tx| async move { tx.now().await });
        let database = tokio::time::timeout(std::time::Duration::from_secs(3), clock)
            .await
            .is_ok_and(|answer: Result<i64, hanok_store::StoreError>| answer.is_ok());
        vec![
            Service {
                name: "database",
                up: database,
            },
            Service {
                name: "objects",
                up: !self.objects().is_suspect(),
            },
            Service {
                name: "workers",
                up: self.hosts().any(),
            },
        ]
    }
}
