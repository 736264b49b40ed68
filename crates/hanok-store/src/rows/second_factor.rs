//! The second factor of an account: its sealed secret, how far its codes are used up, and recovery codes.
//! Knows no code and no open secret.

use hanok_domain::id;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter};

use crate::entities::{recovery_codes, users};
use crate::redacted::Redacted;
use crate::{StoreError, Tx};

/// The second factor of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondFactor {
    /// The secret, sealed; one is offered or in use.
    pub secret: Option<Redacted>,
    /// Since when it is in use, µs UTC.
    pub confirmed_at: Option<i64>,
    /// The last step whose code was used.
    pub last_step: Option<i64>,
}

/// Access to second factors.
pub struct SecondFactors<'t>(pub(crate) &'t Tx);

impl SecondFactors<'_> {
    /// That of an account, if there is such an account.
    pub async fn get(&self, user: &str) -> Result<Option<SecondFactor>, StoreError> {
        let row = users::Entity::find_by_id(user).one(self.0.conn()).await?;
        Ok(row.map(|row| SecondFactor {
            secret: row.totp_secret.map(Redacted::new),
            confirmed_at: row.totp_confirmed_at,
            last_step: row.totp_last_step,
        }))
    }

    /// Keeps a secret that is not in use yet, in the place of an earlier one; false where one is in use.
    pub async fn offer(&self, user: &str, sealed: &Redacted) -> Result<bool, StoreError> {
        let offered = users::ActiveModel {
            totp_secret: Set(Some(sealed.expose().to_owned())),
            totp_last_step: Set(None),
            ..Default::default()
        };
        self.unconfirmed(user, offered).await
    }

    /// Takes the offered secret into use; false where one is in use already.
    pub async fn confirm(&self, user: &str) -> Result<bool, StoreError> {
        let confirmed = users::ActiveModel {
            totp_confirmed_at: Set(Some(self.0.now().await?)),
            ..Default::default()
        };
        self.unconfirmed(user, confirmed).await
    }

    async fn unconfirmed(
        &self,
        user: &str,
        change: users::ActiveModel,
    ) -> Result<bool, StoreError> {
        let updated = users::Entity::update_many()
            .set(change)
            .filter(users::Column::Id.eq(user))
            .filter(users::Column::TotpConfirmedAt.is_null())
            .exec(self.0.conn())
            .await?;
        Ok(updated.rows_affected > 0)
    }

    /// Uses up the code of a step and all before it; of many who try at once only one hears yes.
    pub async fn advance(&self, user: &str, step: i64) -> Result<bool, StoreError> {
        let unused = Condition::any()
            .add(users::Column::TotpLastStep.is_null())
            .add(users::Column::TotpLastStep.lt(step));
        let updated = users::Entity::update_many()
            .set(users::ActiveModel {
                totp_last_step: Set(Some(step)),
                ..Default::default()
            })
            .filter(users::Column::Id.eq(user))
            .filter(unused)
            .exec(self.0.conn())
            .await?;
        Ok(updated.rows_affected > 0)
    }

    /// Forgets the second factor and its recovery codes.
    pub async fn clear(&self, user: &str) -> Result<(), StoreError> {
        users::Entity::update_many()
            .set(users::ActiveModel {
                totp_secret: Set(None),
                totp_confirmed_at: Set(None),
                totp_last_step: Set(None),
                ..Default::default()
            })
            .filter(users::Column::Id.eq(user))
            .exec(self.0.conn())
            .await?;
        self.replace_codes(user, &[]).await
    }

    /// Puts new recovery codes in the place of all there were.
    pub async fn replace_codes(&self, user: &str, hashes: &[String]) -> Result<(), StoreError> {
        recovery_codes::Entity::delete_many()
            .filter(recovery_codes::Column::UserId.eq(user))
            .exec(self.0.conn())
            .await?;
        for hash in hashes {
            self.0
                .insert(recovery_codes::Model {
                    id: id::new(id::RECOVERY_CODE),
                    user_id: user.to_owned(),
                    hash: hash.clone(),
                    created_at: self.0.now().await?,
                    used_at: None,
                })
                .await?;
        }
        Ok(())
    }

    /// Uses a recovery code up; of many who try at once only one hears yes.
    pub async fn use_code(&self, user: &str, hash: &str) -> Result<bool, StoreError> {
        let updated = recovery_codes::Entity::update_many()
            .set(recovery_codes::ActiveModel {
                used_at: Set(Some(self.0.now().await?)),
                ..Default::default()
            })
            .filter(recovery_codes::Column::UserId.eq(user))
            .filter(recovery_codes::Column::Hash.eq(hash))
            .filter(recovery_codes::Column::UsedAt.is_null())
            .exec(self.0.conn())
            .await?;
        Ok(updated.rows_affected > 0)
    }

    /// How many recovery codes are unused.
    pub async fn codes_left(&self, user: &str) -> Result<u64, StoreError> {
        Ok(recovery_codes::Entity::find()
            .filter(recovery_codes::Column::UserId.eq(user))
            .filter(recovery_codes::Column::UsedAt.is_null())
            .count(self.0.conn())
            .await?)
    }
}
