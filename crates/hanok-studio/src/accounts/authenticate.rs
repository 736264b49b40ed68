//! The check of a password: the one way in which every surface asks for one.

use hanok_domain::fault::{Fault, FaultKind};
use hanok_store::rows::users::{User, UserChange};
use hanok_store::{Redacted, Tx};
use serde::Deserialize;

use super::lockout::{self, Subjects, check_lock, note_failure};
use super::{names, password};
use crate::access::Origin;
use crate::audit::{Deed, record_unsigned};
use crate::studio::Studio;

/// Who says to be who.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Name or address.
    pub name: String,
    /// Password.
    pub password: String,
    /// Code of a second factor, where there is one.
    #[serde(default)]
    pub code: Option<String>,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignIn")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Studio {
    /// The account of this name and password.
    ///
    /// # Errors
    /// 401 `sign_in_failed`, whatever of it is wrong; 429 `locked_out` after too many; 403 for an account that
    /// is not open yet; 503 where too many ask at once.
    pub async fn authenticate(&self, given: &SignIn, origin: &Origin) -> Result<User, Fault> {
        password::bounded(&given.password, "password")?;
        let name = &names::fold(&given.name);
        let turn = self.passwords().turn().await?;
        // Within the turn: of many who try at once no more than these get past a lock that is about to close.
        let found = self
            .store()
            .look(|tx| async move {
                let found = find(&tx, name).await?;
                check_lock(&tx, &subjects(found.as_ref(), name, origin)).await?;
                Ok::<_, Fault>(found)
            })
            .await?;
        let hash = found.as_ref().and_then(|user| user.password_hash.as_ref());
        let hash = hash.map(|hash| hash.expose());
        let right = turn.verify(&given.password, hash).await?;
        let renewed = match hash.filter(|hash| right && turn.is_outdated(hash)) {
            Some(_) => Some(turn.hash(&given.password).await?),
            None => None,
        };
        let (found, renewed) = (&found, &renewed);
        let verdict = self
            .store()
            .write(|tx| async move {
                let subjects = &subjects(found.as_ref(), name, origin);
                check_lock(&tx, subjects).await?;
                match found.as_ref().filter(|_| right) {
                    Some(user) => {
                        self.admit(&tx, user, given, renewed.as_deref(), origin)
                            .await
                    }
                    None => refuse(&tx, found.as_ref(), subjects, origin).await.map(Err),
                }
            })
            .await?;
        drop(turn);
        verdict
    }

    async fn admit(
        &self,
        tx: &Tx,
        user: &User,
        given: &SignIn,
        renewed: Option<&str>,
        origin: &Origin,
    ) -> Result<Result<User, Fault>, Fault> {
        let subjects = &Subjects::account(&user.id, origin);
        // It may have been changed or disabled while the password was hashed.
        let now = tx.users().get(&user.id).await?;
        let Some(user) = now.filter(|now| now.password_hash == user.password_hash) else {
            return refuse(tx, Some(user), subjects, origin).await.map(Err);
        };
        if user.disabled_at.is_some() || user.deleted_at.is_some() {
            return refuse(tx, Some(&user), subjects, origin).await.map(Err);
        }
        if let Some(step) = &user.waits_for {
            return Ok(Err(not_open(step)));
        }
        // A fault with another code than this one counts as a failure.
        match self
            .check_second_factor(tx, &user, given.code.as_deref())
            .await
        {
            Ok(()) => {}
            Err(fault) if fault.code == "second_factor_required" => return Ok(Err(fault)),
            Err(fault) if fault.kind == FaultKind::Unauthenticated => {
                refuse(tx, Some(&user), subjects, origin).await?;
                return Ok(Err(fault));
            }
            Err(fault) => return Err(fault),
        }
        lockout::settle(tx, &user.id).await?;
        if let Some(hash) = renewed {
            let change = UserChange {
                password_hash: Some(Redacted::new(hash)),
                ..UserChange::default()
            };
            tx.users().update(&user.id, &change).await?;
        }
        Ok(Ok(user))
    }
}

/// By name or address.
async fn find(tx: &Tx, name: &str) -> Result<Option<User>, Fault> {
    let found = match name.contains('@') {
        true => tx.users().by_email(name).await?,
        false => tx.users().by_name(name).await?,
    };
    Ok(found)
}

fn subjects(found: Option<&User>, name: &str, origin: &Origin) -> Subjects {
    match found {
        Some(user) => Subjects::account(&user.id, origin),
        None => Subjects::absent(name, origin),
    }
}

/// Counts the failure and writes it down.
pub(super) async fn refuse(
    tx: &Tx,
    user: Option<&User>,
    subjects: &Subjects,
    origin: &Origin,
) -> Result<Fault, Fault> {
    let account = user.map(|user| (user.id.as_str(), user.name.as_str()));
    record_unsigned(tx, account, origin, Deed::failed("account.sign_in")).await?;
    if note_failure(tx, subjects).await? {
        record_unsigned(tx, account, origin, Deed::failed("account.locked")).await?;
    }
    Ok(failed())
}

/// The same whatever the reason.
pub(super) fn failed() -> Fault {
    Fault::new(
        FaultKind::Unauthenticated,
        "sign_in_failed",
        "Name and password do not belong together, or this account cannot sign in.",
    )
}

fn not_open(step: &str) -> Fault {
    if step == "approval" {
        let text = "An administrator has not approved this account yet.";
        return Fault::new(FaultKind::Forbidden, "account_unapproved", text);
    }
    let text = "The address of this account is not verified yet.";
    Fault::new(FaultKind::Forbidden, "account_unverified", text)
        .remedy("Follow the link in the mail that was sent to it.")
}
