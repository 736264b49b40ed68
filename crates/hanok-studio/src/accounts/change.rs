//! What people change of their own account: password and name. Nobody changes what they are.

use hanok_domain::fault::{Fault, FaultKind};
use hanok_store::rows::users::{User, UserChange};
use serde::Deserialize;

use super::authenticate::refuse;
use super::lockout::{self, Subjects, check_lock};
use super::session::begin_session;
use super::{list::AccountView, list::present, names, password, reset};
use crate::access::{Caller, Credential};
use crate::audit::{Deed, record};
use crate::studio::Studio;

/// Another password.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The present one; none where there is none yet.
    #[serde(default)]
    pub current: String,
    /// The new one.
    pub password: String,
}

impl std::fmt::Debug for ChangePassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ChangePassword")
    }
}

/// What to change of one's own account.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeProfile {
    /// Another name.
    pub name: String,
}

impl Studio {
    /// Changes the caller's password and ends all their sessions; returns the token of the one that goes on
    /// in the place of theirs.
    ///
    /// # Errors
    /// 422 `wrong_password`, which counts as a failed sign-in; 422 for a password that is not taken.
    pub async fn change_password(
        &self,
        caller: &Caller,
        change: &ChangePassword,
    ) -> Result<Option<String>, Fault> {
        let user_id = &caller.user_id;
        let (user, subjects) = self.open_account(caller).await?;
        password::bounded(&change.current, "current")?;
        let least = self.account_settings().password_min;
        password::check(&change.password, least, &user.name, user.email.as_deref())?;
        let turn = self.passwords().turn().await?;
        let stored = user.password_hash.as_ref().map(|hash| hash.expose());
        let right = turn.verify(&change.current, stored).await?;
        if stored.is_some() && !right {
            drop(turn);
            return Err(self.refuse_change(&user, &subjects, caller).await?);
        }
        let hash = &turn.hash(&change.password).await?;
        drop(turn);
        let user = &user;
        self.store()
            .write(|tx| async move {
                let now = tx.users().get(user_id).await?;
                if now.is_none_or(|now| now.password_hash != user.password_hash) {
                    return Err(wrong());
                }
                reset::set_password(&tx, user_id, hash).await?;
                lockout::settle(&tx, user_id).await?;
                record(&tx, caller, Deed::done("account.password", "user", user_id)).await?;
                match caller.credential {
                    Credential::Session { .. } => {
                        let token = begin_session(&tx, user_id, "password", &caller.origin).await?;
                        Ok(Some(token))
                    }
                    _ => Ok(None),
                }
            })
            .await
    }

    async fn open_account(&self, caller: &Caller) -> Result<(User, Subjects), Fault> {
        let subjects = Subjects::account(&caller.user_id, &caller.origin);
        let asked = &subjects;
        let user = self.store().look(|tx| async move {
            check_lock(&tx, asked).await?;
            present(&tx, &caller.user_id).await
        });
        let user = user.await?;
        Ok((user, subjects))
    }

    async fn refuse_change(
        &self,
        user: &User,
        subjects: &Subjects,
        caller: &Caller,
    ) -> Result<Fault, Fault> {
        let origin = &caller.origin;
        let refused = self
            .store()
            .write(|tx| async move { refuse(&tx, Some(user), subjects, origin).await });
        refused.await?;
        Ok(wrong())
    }

    /// Changes the caller's name.
    ///
    /// # Errors
    /// 409 for one that is taken.
    pub async fn change_profile(
        &self,
        caller: &Caller,
        change: &ChangeProfile,
    ) -> Result<AccountView, Fault> {
        let name = &names::name(&change.name)?;
        let user_id = &caller.user_id;
        let changed = self
            .store()
            .write(|tx| async move {
                let change = UserChange {
                    name: Some(name.clone()),
                    ..UserChange::default()
                };
                tx.users().update(user_id, &change).await?;
                record(&tx, caller, Deed::done("account.rename", "user", user_id)).await?;
                present(&tx, user_id).await
            })
            .await;
        match changed {
            Err(fault) if fault.kind == FaultKind::Conflict => Err(super::manage::taken("name")),
            changed => changed.map(AccountView::of),
        }
    }
}

fn wrong() -> Fault {
    Fault::invalid("wrong_password", "The present password is another one.").field("current")
}
