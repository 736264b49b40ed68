//! The way back from the provider: state, browser, issuer, code and ID token are checked in this order, and
//! nothing is opened before all of them hold.

use hanok_domain::fault::{Fault, FaultKind};
use hanok_store::rows::oidc_flows::Flow;
use serde::Deserialize;
use serde_json::json;

use super::id_token::{self, Expected, Person};
use super::metadata::Metadata;
use super::start::verifier_place;
use super::{Oidc, unproven, upstream};
use crate::access::Origin;
use crate::accounts::{begin_session, sealed};
use crate::audit::{Deed, record_unsigned};
use crate::secret;
use crate::studio::Studio;
use crate::time::seconds;

/// What the provider sent the browser back with.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Returned {
    /// What we sent along.
    #[serde(default)]
    pub state: String,
    /// What an ID token is had for.
    pub code: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
    /// Who sends the browser back (RFC 9207).
    pub iss: Option<String>,
}

/// How it ended.
#[derive(Debug)]
pub enum Finished {
    /// Somebody is signed in.
    SignedIn {
        /// The token of the new session.
        token: String,
        /// Where they wanted to go.
        next: String,
    },
    /// The account that asked has an identity more.
    Linked {
        /// Where they wanted to go.
        next: String,
    },
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
    access_token: Option<String>,
}

impl Studio {
    /// Ends a sign-in that the browser with this cookie began.
    ///
    /// # Errors
    /// `oidc_state` for one that is not known, over, used or another browser's; `oidc_refused` for what does
    /// not prove who somebody is; 403 and 409 for a person who may not come in.
    pub async fn oidc_finish(
        &self,
        returned: &Returned,
        browser: &str,
        origin: &Origin,
    ) -> Result<Finished, Fault> {
        let oidc = self.oidc()?;
        let done = self.finish(oidc, returned, browser, origin).await;
        if let Err(fault) = &done {
            let deed =
                Deed::failed("account.sign_in").detail(json!({ "by": "oidc", "code": fault.code }));
            let deed = &deed;
            self.store()
                .write(|tx| async move { record_unsigned(&tx, None, origin, deed.clone()).await })
                .await?;
        }
        done
    }

    async fn finish(
        &self,
        oidc: &Oidc,
        returned: &Returned,
        browser: &str,
        origin: &Origin,
    ) -> Result<Finished, Fault> {
        let flow = &self.take_flow(&returned.state, browser).await?;
        let metadata = oidc.metadata().await?;
        check_issuer(oidc, &metadata, returned)?;
        let code = match (&returned.error, &returned.code) {
            (None, Some(code)) if !code.is_empty() => code,
            _ => return Err(unproven("The provider did not sign you in.")),
        };
        let person = &self.person_of(oidc, &metadata, flow, code).await?;
        let next = flow.next.clone();
        if let Some(user) = &flow.link_user_id {
            self.store()
                .write(|tx| async move { oidc.link(&tx, user, person, origin).await })
                .await?;
            return Ok(Finished::Linked { next });
        }
        let token = self
            .store()
            .write(|tx| async move {
                let user = oidc.welcome(&tx, person, origin).await?;
                begin_session(&tx, &user.id, "oidc", origin).await
            })
            .await?;
        Ok(Finished::SignedIn { token, next })
    }

    async fn take_flow(&self, state: &str, browser: &str) -> Result<Flow, Fault> {
        let (state, browser) = (&secret::hash(state), &secret::hash(browser));
        let flow = self
            .store()
            .write(|tx| async move { tx.oidc_flows().take(state, browser).await })
            .await?;
        flow.ok_or_else(|| {
            let text = "This sign-in is over, was used before, or began in another browser.";
            Fault::new(FaultKind::Malformed, "oidc_state", text).remedy("Begin it again at /login.")
        })
    }

    async fn person_of(
        &self,
        oidc: &Oidc,
        metadata: &Metadata,
        flow: &Flow,
        code: &str,
    ) -> Result<Person, Fault> {
        let place = verifier_place(&flow.state_hash);
        let sealer = &self.secrets().sealer;
        let verifier = sealed::open(sealer, place, flow.verifier.expose())?;
        let tokens = oidc.exchange(metadata, flow, code, &verifier).await?;
        let keys = oidc.keys(metadata).await?;
        let now = self
            .store()
            .look(|tx| async move { tx.now().await })
            .await?;
        let expected = Expected {
            issuer: &oidc.settings.issuer,
            client_id: &oidc.settings.client_id,
            nonce_hash: flow.nonce.expose(),
            access_token: tokens.access_token.as_deref(),
            now: seconds(now),
        };
        id_token::read(&tokens.id_token, &keys, &expected)
            .ok_or_else(|| unproven("What the provider says of you does not hold."))
    }
}

impl Oidc {
    /// Tokens for a code.
    async fn exchange(
        &self,
        metadata: &Metadata,
        flow: &Flow,
        code: &str,
        verifier: &str,
    ) -> Result<Tokens, Fault> {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &flow.redirect_uri),
            ("code_verifier", verifier),
        ];
        let header = metadata.secret_in_header;
        let (status, body) = self.redeem(&metadata.token, &fields, header).await?;
        match status {
            200 => serde_json::from_slice(&body)
                .map_err(|_| upstream("the provider gives no ID token")),
            400..=499 => Err(unproven("The provider does not accept this sign-in.")),
            other => Err(upstream(format!("the provider answered {other} to a code"))),
        }
    }
}

/// The answer must come from the provider that was asked, where it says who it is or promised to.
fn check_issuer(oidc: &Oidc, metadata: &Metadata, returned: &Returned) -> Result<(), Fault> {
    let right = match returned.iss.as_deref() {
        Some(issuer) => issuer == oidc.settings.issuer,
        None => !metadata.names_issuer,
    };
    right
        .then_some(())
        .ok_or_else(|| unproven("This answer comes from another provider."))
}
