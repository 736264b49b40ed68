//! Whether a code is good, in the transaction of what it is given for: it is used up there, so that of many
//! who send it at once one succeeds.

use hanok_domain::fault::Fault;
use hanok_store::Tx;
use hanok_store::rows::users::User;

use super::{codes, needed, place, recovery, wrong};
use crate::accounts::sealed;
use crate::studio::Studio;
use crate::time::seconds;

impl Studio {
    /// Passes an account without a second factor, and one whose code is good.
    ///
    /// # Errors
    /// `second_factor_required` without a code; `wrong_code` for one that is wrong or used, which counts as a
    /// failed sign-in.
    pub async fn check_second_factor(
        &self,
        tx: &Tx,
        user: &User,
        code: Option<&str>,
    ) -> Result<(), Fault> {
        self.check_code(tx, &user.id, code).await
    }

    pub(super) async fn check_code(
        &self,
        tx: &Tx,
        user: &str,
        code: Option<&str>,
    ) -> Result<(), Fault> {
        let factor = tx.second_factor().get(user).await?;
        let in_use = factor.filter(|factor| factor.confirmed_at.is_some());
        let Some(sealed) = in_use.and_then(|factor| factor.secret) else {
            return Ok(());
        };
        let code = code.map(str::trim).filter(|code| !code.is_empty());
        let code = code.ok_or_else(needed)?;
        match recovery::hash(user, code) {
            Some(hash) => match tx.second_factor().use_code(user, &hash).await? {
                true => Ok(()),
                false => Err(wrong()),
            },
            None => self.use_up(tx, user, sealed.expose(), code).await,
        }
    }

    /// Uses a code of the authenticator app up.
    pub(super) async fn use_up(
        &self,
        tx: &Tx,
        user: &str,
        sealed: &str,
        code: &str,
    ) -> Result<(), Fault> {
        let secret = sealed::open(&self.secrets().sealer, place(user), sealed)?;
        let now = seconds(tx.now().await?);
        let step = codes::step_of(&secret, code.trim(), now).ok_or_else(wrong)?;
        match tx.second_factor().advance(user, step).await? {
            true => Ok(()),
            false => Err(wrong()),
        }
    }
}
