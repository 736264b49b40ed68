//! Mails that are to go out. A row says which mail and to whom; its words, and the token in it, are made when
//! it is sent, so that no row holds one.

use std::time::Duration;

use hanok_domain::id;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::entities::mails::{ActiveModel, Column, Entity, Model};
use crate::{StoreError, Tx};

/// A mail that waits.
#[derive(Debug, Clone, PartialEq)]
pub struct Mail {
    /// `mail_…`.
    pub id: String,
    /// Which one, for example `reset`.
    pub kind: String,
    /// Address.
    pub recipient: String,
    /// What it is about: an account's or an invitation's id, or a name.
    pub subject_id: Option<String>,
    /// `en` or `ko`.
    pub language: String,
    /// How often it was tried.
    pub tries: i64,
}

/// What a new mail needs.
#[derive(Debug, Clone)]
pub struct NewMail {
    /// Which one.
    pub kind: String,
    /// Address.
    pub recipient: String,
    /// What it is about.
    pub subject_id: Option<String>,
    /// `en` or `ko`.
    pub language: String,
}

/// Access to mails.
pub struct Mails<'t>(pub(crate) &'t Tx);

impl Mails<'_> {
    /// Adds a mail, unless one of this kind was asked for this address within `pause`: nobody is flooded.
    pub async fn insert(&self, new: &NewMail, pause: Duration) -> Result<(), StoreError> {
        let now = self.0.now().await?;
        let recent = Entity::find()
            .filter(Column::Kind.eq(&new.kind))
            .filter(Column::Recipient.eq(&new.recipient))
            .filter(Column::CreatedAt.gt(now.saturating_sub(super::micros(pause))))
            .one(self.0.conn())
            .await?;
        if recent.is_some() {
            return Ok(());
        }
        let model = Model {
            id: id::new(id::MAIL),
            kind: new.kind.clone(),
            recipient: new.recipient.clone(),
            subject_id: new.subject_id.clone(),
            language: new.language.clone(),
            created_at: now,
            next_try_at: now,
            tries: 0,
            sent_at: None,
            error: None,
        };
        self.0.insert(model).await?;
        self.0.notify("", "mails");
        Ok(())
    }

    /// Takes the mails that are due; nobody else is given them for `claim`.
    pub async fn take(&self, most: u64, claim: Duration) -> Result<Vec<Mail>, StoreError> {
        let now = self.0.now().await?;
        let mut query = Entity::find()
            .filter(Column::SentAt.is_null())
            .filter(Column::NextTryAt.lte(now))
            .order_by_asc(Column::NextTryAt)
            .limit(most);
        if self.0.is_postgres() {
            query = query.lock_exclusive();
        }
        let rows = query.all(self.0.conn()).await?;
        for row in &rows {
            let taken = ActiveModel {
                next_try_at: Set(now.saturating_add(super::micros(claim))),
                tries: Set(row.tries + 1),
                ..Default::default()
            };
            self.change(&row.id, taken).await?;
        }
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// It is over: sent, or not to be sent for a reason.
    pub async fn done(&self, id: &str, error: Option<&str>) -> Result<(), StoreError> {
        let row = ActiveModel {
            sent_at: Set(Some(self.0.now().await?)),
            error: Set(error.map(str::to_owned)),
            ..Default::default()
        };
        self.change(id, row).await
    }

    /// To be tried again after a pause.
    pub async fn again(&self, id: &str, pause: Duration, error: &str) -> Result<(), StoreError> {
        let next = self.0.now().await?.saturating_add(super::micros(pause));
        let row = ActiveModel {
            next_try_at: Set(next),
            error: Set(Some(error.to_owned())),
            ..Default::default()
        };
        self.change(id, row).await
    }

    /// Drops what is over and older than this.
    pub async fn forget(&self, age: Duration) -> Result<u64, StoreError> {
        let past = self.0.now().await?.saturating_sub(super::micros(age));
        let done = Entity::delete_many()
            .filter(Column::SentAt.lt(past))
            .exec(self.0.conn())
            .await?;
        Ok(done.rows_affected)
    }

    async fn change(&self, id: &str, row: ActiveModel) -> Result<(), StoreError> {
        let query = Entity::update_many().set(row).filter(Column::Id.eq(id));
        query.exec(self.0.conn()).await?;
        Ok(())
    }
}

impl From<Model> for Mail {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            recipient: row.recipient,
            subject_id: row.subject_id,
            language: row.language,
            tries: row.tries,
        }
    }
}
