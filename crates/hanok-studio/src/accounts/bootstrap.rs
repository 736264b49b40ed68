//! The first start: an administrator with a personal project, and a secret to sign in with. There is no
//! default password.

use hanok_domain::fault::{Fault, FaultKind};
use hanok_domain::role::UserRole;
use hanok_store::Tx;
use hanok_store::rows::secrets::NewSecret;
use hanok_store::rows::users::{NewUser, User};
use serde_json::json;

use super::{SECRET_LIFETIME, SECRET_PREFIX, SIGN_IN, make, password, reset};
use crate::audit::{Deed, record_system};
use crate::secret;
use crate::studio::Studio;

/// Name of the first account.
pub(super) const ADMIN: &str = "admin";

impl Studio {
    /// Makes the administrator and their project when there are none; true if it did.
    ///
    /// # Errors
    /// A database without accounts beside objects: rows were lost, and a fresh start would hide it.
    pub async fn bootstrap(&self) -> Result<bool, Fault> {
        match self.make_administrator().await {
            // Another server of the same database was faster.
            Err(fault) if fault.kind == FaultKind::Conflict => self.make_administrator().await,
            made => made,
        }
    }

    async fn make_administrator(&self) -> Result<bool, Fault> {
        let objects = &self.objects().projects()?;
        self.store()
            .write(|tx| async move {
                if tx.users().count().await? > 0 {
                    return Ok(false);
                }
                if let Some(project) = objects.first() {
                    let text = format!(
                        "The database has no account, and there are objects of project '{project}'."
                    );
                    return Err(Fault::invalid("database_empty", text).remedy(
                        "Restore the database from a backup; or, to begin anew, name another \
                         folder with --data.",
                    ));
                }
                let admin = NewUser {
                    name: ADMIN.to_owned(),
                    email: None,
                    role: UserRole::Admin,
                    password_hash: None,
                };
                let user = make::account(&tx, &admin).await?;
                let deed = Deed::done("user.create", "user", &user.id)
                    .detail(json!({ "name": ADMIN, "role": "admin" }));
                record_system(&tx, deed).await?;
                Ok(true)
            })
            .await
    }

    /// Gives the first administrator this password, if no administrator has one yet; says whether it did.
    ///
    /// # Errors
    /// A password that is not taken.
    pub async fn set_first_password(&self, text: &str) -> Result<bool, Fault> {
        let has = |admins: &[User]| admins.iter().any(|admin| admin.password_hash.is_some());
        let look = self
            .store()
            .look(|tx| async move { tx.users().list_administrators().await });
        if has(&look.await?) {
            return Ok(false);
        }
        password::check(text, self.account_settings().password_min, ADMIN, None)?;
        let hash = &self.passwords().hash(text).await?;
        self.store()
            .write(|tx| async move {
                let admins = tx.users().lock_administrators().await?;
                let admin = admin(&tx).await?;
                if has(&admins) {
                    return Ok(false);
                }
                reset::set_password(&tx, &admin.id, hash).await?;
                Ok(true)
            })
            .await
    }

    /// A fresh secret that signs the administrator in, once; earlier unused ones are void.
    pub async fn issue_sign_in_secret(&self) -> Result<String, Fault> {
        let text = secret::generate(SECRET_PREFIX)
            .map_err(|e| Fault::internal(format!("no random bytes: {e}")))?;
        let hash = &secret::hash(&text);
        self.store()
            .write(|tx| async move {
                let admin = admin(&tx).await?;
                tx.secrets().discard(SIGN_IN, &admin.id).await?;
                let deed = Deed::done("sign_in_secret.create", "user", &admin.id);
                record_system(&tx, deed).await?;
                let new = NewSecret {
                    purpose: SIGN_IN.to_owned(),
                    hash: hash.clone(),
                    user_id: admin.id,
                    lifetime: SECRET_LIFETIME,
                };
                tx.secrets().insert(&new).await?;
                Ok::<_, Fault>(())
            })
            .await?;
        Ok(text)
    }
}

/// The oldest administrator.
async fn admin(tx: &Tx) -> Result<User, Fault> {
    let mut admins = tx.users().lock_administrators().await?;
    admins.retain(User::is_open);
    admins.into_iter().next().ok_or_else(no_administrator)
}

pub(super) fn no_administrator() -> Fault {
    Fault::new(
        FaultKind::Internal,
        "no_administrator",
        "There is no administrator yet.",
    )
}
