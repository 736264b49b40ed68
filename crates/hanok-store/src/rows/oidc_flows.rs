//! Sign-ins that are on their way to a provider and back: what was sent along, good once and for minutes.
//! Knows hashes of what binds them to a browser.

use std::time::Duration;

use hanok_domain::id;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use crate::entities::oidc_flows;
use crate::redacted::Redacted;
use crate::{StoreError, Tx};

/// What a flow needs, and what it gives back when it is taken.
#[derive(Debug, Clone)]
pub struct Flow {
    /// Hash of `state`.
    pub state_hash: String,
    /// Hash of the browser's cookie.
    pub browser_hash: String,
    /// What the ID token has to repeat.
    pub nonce: Redacted,
    /// The verifier of PKCE, sealed.
    pub verifier: Redacted,
    /// Where the provider sends the browser.
    pub redirect_uri: String,
    /// Where the person wanted to go: a path of ours.
    pub next: String,
    /// The account that is to be linked; none for a sign-in.
    pub link_user_id: Option<String>,
}

/// Access to flows.
pub struct OidcFlows<'t>(pub(crate) &'t Tx);

impl OidcFlows<'_> {
    /// Adds a flow, and forgets those that are over.
    pub async fn insert(&self, flow: &Flow, lifetime: Duration) -> Result<(), StoreError> {
        let now = self.0.now().await?;
        oidc_flows::Entity::delete_many()
            .filter(oidc_flows::Column::ExpiresAt.lt(now))
            .exec(self.0.conn())
            .await?;
        let flow = flow.clone();
        self.0
            .insert(oidc_flows::Model {
                id: id::new(id::OIDC_FLOW),
                state_hash: flow.state_hash,
                browser_hash: flow.browser_hash,
                nonce: flow.nonce.expose().to_owned(),
                verifier: flow.verifier.expose().to_owned(),
                redirect_uri: flow.redirect_uri,
                next: flow.next,
                link_user_id: flow.link_user_id,
                created_at: now,
                expires_at: now.saturating_add(crate::rows::micros(lifetime)),
                used_at: None,
            })
            .await
    }

    /// Uses the flow of this state and this browser up; nothing if unknown, used, over or another browser's.
    pub async fn take(&self, state: &str, browser: &str) -> Result<Option<Flow>, StoreError> {
        let now = self.0.now().await?;
        // The update decides, so that of two who try at once only one succeeds.
        let updated = oidc_flows::Entity::update_many()
            .set(oidc_flows::ActiveModel {
                used_at: Set(Some(now)),
                ..Default::default()
            })
            .filter(oidc_flows::Column::StateHash.eq(state))
            .filter(oidc_flows::Column::BrowserHash.eq(browser))
            .filter(oidc_flows::Column::UsedAt.is_null())
            .filter(oidc_flows::Column::ExpiresAt.gt(now))
            .exec(self.0.conn())
            .await?;
        if updated.rows_affected == 0 {
            return Ok(None);
        }
        let row = oidc_flows::Entity::find()
            .filter(oidc_flows::Column::StateHash.eq(state))
            .one(self.0.conn())
            .await?;
        Ok(row.map(|row| Flow {
            state_hash: row.state_hash,
            browser_hash: row.browser_hash,
            nonce: Redacted::new(row.nonce),
            verifier: Redacted::new(row.verifier),
            redirect_uri: row.redirect_uri,
            next: row.next,
            link_user_id: row.link_user_id,
        }))
    }
}
