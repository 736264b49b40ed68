//! Connections and the schema, before a store is made of them.

use std::time::Duration;

use super::Purpose;
use crate::connect::{self, Pools};
use crate::{StoreConfig, StoreError, migrate, transfer};

/// Connects and migrates. Where another process does the same at this moment, SQLite refuses to
/// change a new file's log mode at once, without the wait that it grants to everything else.
pub(super) async fn open_patiently(
    config: &StoreConfig,
    purpose: Purpose,
) -> Result<Pools, StoreError> {
    let deadline = tokio::time::Instant::now() + config.busy_timeout;
    loop {
        let opened = async {
            let pools = connect::open(config).await?;
            if purpose == Purpose::Work {
                transfer::refuse_unfinished(&pools.writer).await?;
            }
            migrate::up(config, &pools).await?;
            Ok(pools)
        };
        match opened.await {
            Err(StoreError::Busy(_)) if tokio::time::Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(rand::random_range(5..50))).await;
            }
            done => return done,
        }
    }
}
