//! What administrators do with accounts: make, change, disable, delete. There is always one administrator left,
//! and nobody changes their own role.

use hanok_domain::fault::{Fault, FaultKind};
use hanok_domain::role::UserRole;
use hanok_store::rows::users::{NewUser, User, UserChange};
use hanok_store::{Redacted, Tx};
use serde::Deserialize;
use serde_json::json;

use super::list::{AccountView, present};
use super::{lockout, make, names, password, reset};
use crate::access::Caller;
use crate::audit::{Deed, record};
use crate::mail::{self, MailKind};
use crate::studio::Studio;

/// An account to make.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateUser {
    /// Name to sign in with.
    pub name: String,
    /// Address.
    #[serde(default)]
    pub email: Option<String>,
    /// `user` or `admin`.
    #[serde(default)]
    pub role: Option<String>,
    /// Password; without one there is a link that sets it.
    #[serde(default)]
    pub password: Option<String>,
}

impl std::fmt::Debug for CreateUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CreateUser")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// What to change of an account; the rest stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UpdateUser {
    /// `user` or `admin`.
    pub role: Option<String>,
    /// Disable or enable.
    pub disabled: Option<bool>,
    /// Let in who waits.
    pub approve: Option<bool>,
    /// Another address.
    pub email: Option<String>,
}

impl Studio {
    /// Makes an account; where no password is given, also the token of a link that sets one.
    ///
    /// # Errors
    /// 409 for a name or address that is taken.
    pub async fn create_user(
        &self,
        caller: &Caller,
        new: &CreateUser,
    ) -> Result<(AccountView, Option<String>), Fault> {
        let name = names::name(&new.name)?;
        let given = new
            .email
            .as_deref()
            .filter(|email| !email.trim().is_empty());
        let email = given.map(names::email).transpose()?;
        let role = role(new.role.as_deref().unwrap_or("user"))?;
        let least = self.account_settings().password_min;
        let hash = match new.password.as_deref().filter(|text| !text.is_empty()) {
            Some(text) => {
                password::check(text, least, &name, email.as_deref())?;
                Some(self.passwords().hash(text).await?)
            }
            None => None,
        };
        let row = &NewUser {
            name,
            email,
            role,
            password_hash: hash.map(Redacted::new),
        };
        self.store()
            .write(|tx| async move {
                free(&tx, row).await?;
                let user = make::account(&tx, row).await?;
                let deed = Deed::done("user.create", "user", &user.id)
                    .detail(json!({ "name": user.name, "role": user.role }));
                record(&tx, caller, deed).await?;
                let token = match user.password_hash {
                    None => Some(reset::token(&tx, &user.id).await?),
                    Some(_) => None,
                };
                Ok((AccountView::of(user), token))
            })
            .await
    }

    /// Changes an account. Another role, and disabling, end its sessions.
    ///
    /// # Errors
    /// 403 for one's own role; 409 for the last administrator.
    pub async fn update_user(
        &self,
        caller: &Caller,
        id: &str,
        change: &UpdateUser,
    ) -> Result<AccountView, Fault> {
        let role = &change.role.as_deref().map(role).transpose()?;
        let email = &change.email.as_deref().map(names::email).transpose()?;
        let updated = self
            .store()
            .write(|tx| async move {
                let admins = tx.users().lock_administrators().await?;
                let user = present(&tx, id).await?;
                let role = role.clone().filter(|role| *role != user.role);
                if role.is_some() && user.id == caller.user_id {
                    return Err(own_role());
                }
                let demoted = role.as_ref().is_some_and(|role| *role != UserRole::Admin);
                if demoted || change.disabled == Some(true) {
                    keep_one(&admins, &user)?;
                }
                let row = UserChange {
                    role: role.clone(),
                    disabled: change.disabled,
                    email: email.clone(),
                    waits_for: (change.approve == Some(true)).then_some(None),
                    ..UserChange::default()
                };
                tx.users().update(&user.id, &row).await?;
                follow_up(&tx, &user, &row).await?;
                record(&tx, caller, told(&user, &row)).await?;
                present(&tx, &user.id).await
            })
            .await;
        match updated {
            Err(fault) if fault.code == "conflict" => Err(taken("email")),
            updated => updated.map(AccountView::of),
        }
    }

    /// Deletes an account: it is nobody's any more, its sessions and keys end. What its projects have stays.
    ///
    /// # Errors
    /// 409 for the last administrator.
    pub async fn delete_user(&self, caller: &Caller, id: &str) -> Result<String, Fault> {
        self.store()
            .write(|tx| async move {
                let admins = tx.users().lock_administrators().await?;
                let user = present(&tx, id).await?;
                keep_one(&admins, &user)?;
                tx.sessions().revoke_all(&user.id).await?;
                tx.keys().revoke_all(&user.id).await?;
                for purpose in [super::SIGN_IN, super::RESET, super::VERIFY] {
                    tx.secrets().discard(purpose, &user.id).await?;
                }
                tx.users().erase(&user.id).await?;
                let deed = Deed::done("user.delete", "user", &user.id)
                    .detail(json!({ "name": user.name }));
                record(&tx, caller, deed).await?;
                Ok(user.id)
            })
            .await
    }
}

async fn follow_up(tx: &Tx, user: &User, change: &UserChange) -> Result<(), Fault> {
    if change.role.is_some() || change.disabled == Some(true) {
        // Keys follow the account by themselves; open streams look again when this is told.
        tx.sessions().revoke_all(&user.id).await?;
    }
    if change.disabled == Some(false) {
        lockout::unlock(tx, &user.id).await?;
    }
    if change.waits_for.is_some()
        && user.waits_for.is_some()
        && let Some(email) = &user.email
    {
        mail::queue(tx, MailKind::Approved, email, Some(&user.id), "en").await?;
    }
    Ok(())
}

fn told<'u>(user: &'u User, change: &UserChange) -> Deed<'u> {
    let action = match change {
        UserChange {
            disabled: Some(true),
            ..
        } => "user.disable",
        UserChange {
            disabled: Some(false),
            ..
        } => "user.enable",
        UserChange { role: Some(_), .. } => "user.role",
        UserChange {
            waits_for: Some(_), ..
        } => "user.approve",
        _ => "user.update",
    };
    let mut detail = json!({ "name": user.name });
    if let Some(role) = &change.role {
        detail["from"] = json!(user.role);
        detail["to"] = json!(role);
    }
    Deed::done(action, "user", &user.id).detail(detail)
}

/// Whoever runs the installation cannot all be taken away.
fn keep_one(admins: &[User], user: &User) -> Result<(), Fault> {
    let open = |admin: &&User| admin.is_open() && admin.id != user.id;
    let concerned = admins.iter().any(|admin| admin.id == user.id);
    if concerned && !admins.iter().any(|admin| open(&admin)) {
        let text = "This is the last administrator.";
        return Err(Fault::conflict("last_administrator", text)
            .remedy("Make somebody else an administrator first."));
    }
    Ok(())
}

async fn free(tx: &Tx, new: &NewUser) -> Result<(), Fault> {
    if tx.users().by_name(&new.name).await?.is_some() {
        return Err(taken("name"));
    }
    match &new.email {
        Some(email) if tx.users().by_email(email).await?.is_some() => Err(taken("email")),
        _ => Ok(()),
    }
}

/// Another account has this name or address.
pub(super) fn taken(field: &'static str) -> Fault {
    let what = if field == "name" { "name" } else { "address" };
    let text = format!("Another account has this {what}.");
    Fault::conflict("account_exists", text).field(field)
}

/// Roles that people have.
pub(super) fn role(text: &str) -> Result<UserRole, Fault> {
    match UserRole::parse(text) {
        role @ (UserRole::Admin | UserRole::User) => Ok(role),
        _ => {
            let text = "A role is user or admin.";
            Err(Fault::invalid("invalid_role", text).field("role"))
        }
    }
}

fn own_role() -> Fault {
    let text = "Nobody changes their own role.";
    Fault::new(FaultKind::Forbidden, "own_role", text).remedy("Another administrator can.")
}
