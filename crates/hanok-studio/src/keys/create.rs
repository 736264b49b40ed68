//! A new key, for the caller or for a service account of their project.

use hanok_domain::fault::{Fault, FaultKind};
use hanok_domain::scope::Scopes;
use hanok_store::Tx;
use hanok_store::rows::keys::{ApiKey, NewKey as NewRow};
use serde_json::json;

use super::{CreatedKey, KEY_PREFIX, NewKey, SHOWN, checked_lifetime, may_make_keys};
use crate::access::Caller;
use crate::audit::{Deed, record};
use crate::projects::is_service_account;
use crate::secret;
use crate::studio::Studio;
use crate::time::rfc3339;

/// Whom a key stands for, and where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Holder<'a> {
    pub(crate) project: &'a str,
    pub(crate) user: &'a str,
}

impl Studio {
    /// Makes a key for the caller in their project, or for one of its service accounts.
    ///
    /// # Errors
    /// 403 for a caller who came with a key that is bounded itself: no key makes a wider one. 403 for who
    /// does not own the project, and 404 for an account that is not its own.
    pub async fn create_key(&self, caller: &Caller, new: NewKey) -> Result<CreatedKey, Fault> {
        check(&new)?;
        only_administrators_exempt(caller, &new.scopes)?;
        let new = &new;
        self.store()
            .write(|tx| async move {
                may_make_keys(&tx, caller).await?;
                let project = caller.project_id.as_str();
                let user = match new.service_account.as_deref() {
                    None => caller.user_id.as_str(),
                    Some(account) => {
                        for_program(&tx, caller, account).await?;
                        account
                    }
                };
                self.add_key(&tx, caller, Holder { project, user }, new)
                    .await
            })
            .await
    }

    /// Adds a key in the caller's transaction.
    pub(crate) async fn add_key(
        &self,
        tx: &Tx,
        caller: &Caller,
        holder: Holder<'_>,
        new: &NewKey,
    ) -> Result<CreatedKey, Fault> {
        let key = generate()?;
        let row = NewRow {
            project_id: holder.project.to_owned(),
            user_id: holder.user.to_owned(),
            name: new.name.trim().to_owned(),
            prefix: key[..SHOWN].to_owned(),
            hash: secret::hash(&key),
            scopes: new.scopes.clone(),
            limits: new.limits,
            lifetime: checked_lifetime(new.expires_in_days)?,
        };
        let made = tx.keys().insert(&row).await?;
        let deed = Deed::done("key.create", "key", &made.id)
            .detail(json!({ "name": made.name, "scopes": made.scopes, "user": made.user_id }));
        record(tx, caller, deed).await?;
        Ok(created(made, key))
    }
}

/// Keys of programs are for the project's owners to make.
pub(super) async fn for_program(tx: &Tx, caller: &Caller, account: &str) -> Result<(), Fault> {
    if !caller.may_own() {
        let text = "Only an owner makes keys for service accounts.";
        return Err(Fault::new(FaultKind::Forbidden, "forbidden", text));
    }
    match is_service_account(tx, &caller.project_id, account).await? {
        true => Ok(()),
        false => Err(Fault::not_found("service account", account)),
    }
}

pub(super) fn generate() -> Result<String, Fault> {
    secret::generate(KEY_PREFIX).map_err(|e| Fault::internal(format!("no random bytes: {e}")))
}

pub(super) fn created(made: ApiKey, key: String) -> CreatedKey {
    CreatedKey {
        id: made.id,
        object: "key".to_owned(),
        name: made.name,
        prefix: made.prefix,
        scopes: made.scopes,
        limits: made.limits,
        expires_at: made.expires_at.map(rfc3339),
        key,
    }
}

fn check(new: &NewKey) -> Result<(), Fault> {
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        let text = "A key's name has 1 to 100 characters and no control characters.";
        return Err(Fault::invalid("invalid_name", text).field("name"));
    }
    checked_lifetime(new.expires_in_days)?;
    Scopes::parse(&new.scopes)
        .map_err(|text| Fault::invalid("invalid_scope", text).field("scopes"))?;
    new.limits
        .check()
        .map_err(|(name, text)| Fault::invalid("invalid_limit", text).field(name))
}

/// Rate limits are the installation's, not a project's to lift.
pub(crate) fn only_administrators_exempt(caller: &Caller, scopes: &[String]) -> Result<(), Fault> {
    let exempt = Scopes::parse(scopes).is_ok_and(|scopes| scopes.rate_exempt());
    if exempt && !caller.may_administer() {
        let text = "Only an administrator makes a key without rate limits.";
        return Err(Fault::new(FaultKind::Forbidden, "forbidden", text).field("scopes"));
    }
    Ok(())
}
