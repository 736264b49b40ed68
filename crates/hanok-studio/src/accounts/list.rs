//! Accounts as administrators see them, and one's own.

use hanok_domain::fault::Fault;
use hanok_domain::role::UserRole;
use hanok_store::Tx;
use hanok_store::rows::users::{User, UserFilter, UserState};
use serde::{Deserialize, Serialize};

use super::names;
use crate::access::Caller;
use crate::studio::Studio;
use crate::time::rfc3339;
use crate::{Listed, PageRequest};

/// An account as shown.
#[derive(Debug, Clone, Serialize)]
pub struct AccountView {
    /// `user_…`.
    pub id: String,
    /// Always `user`.
    pub object: String,
    /// Name to sign in with.
    pub name: String,
    /// Address, if there is one.
    pub email: Option<String>,
    /// `admin`, `user` or `service`.
    pub role: String,
    /// `active`, `disabled`, `unverified` or `unapproved`.
    pub state: String,
    /// Whether it has a password.
    pub has_password: bool,
    /// RFC 3339.
    pub created_at: String,
}

impl AccountView {
    /// As shown.
    pub(super) fn of(user: User) -> Self {
        let state = match (&user.disabled_at, user.waits_for.as_deref()) {
            (Some(_), _) => "disabled",
            (None, Some("approval")) => "unapproved",
            (None, Some(_)) => "unverified",
            (None, None) => "active",
        };
        Self {
            id: user.id,
            object: "user".to_owned(),
            name: user.name,
            email: user.email,
            role: user.role.as_str().to_owned(),
            state: state.to_owned(),
            has_password: user.password_hash.is_some(),
            created_at: rfc3339(user.created_at),
        }
    }
}

/// Which accounts are looked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct UserQuery {
    /// What name or address begins with.
    pub q: String,
    /// Only of this role.
    pub role: String,
    /// Only those in this state.
    pub state: String,
}

impl UserQuery {
    fn filter(&self) -> Result<UserFilter, Fault> {
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let state = match self.state.as_str() {
            "" => None,
            "active" => Some(UserState::Active),
            "disabled" => Some(UserState::Disabled),
            "unverified" => Some(UserState::Unverified),
            "unapproved" => Some(UserState::Unapproved),
            _ => {
                let text = "A state is active, disabled, unverified or unapproved.";
                return Err(Fault::invalid("invalid_state", text).field("state"));
            }
        };
        Ok(UserFilter {
            begins: given(&names::fold(&self.q)),
            role: given(&self.role).map(|role| UserRole::parse(&role)),
            state,
        })
    }
}

impl Studio {
    /// Accounts, newest first.
    pub async fn users(
        &self,
        query: &UserQuery,
        page: PageRequest,
    ) -> Result<Listed<AccountView>, Fault> {
        let (filter, rows) = (&query.filter()?, &page.rows());
        let found = self
            .store()
            .look(|tx| async move { tx.users().search(filter, rows).await })
            .await?;
        Ok(page.listed(found, |row| &row.id, AccountView::of))
    }

    /// One account, by id or name.
    pub async fn user(&self, id: &str) -> Result<AccountView, Fault> {
        let user = self
            .store()
            .look(|tx| async move { present(&tx, id).await })
            .await?;
        Ok(AccountView::of(user))
    }

    /// The caller's own account.
    pub async fn own_account(&self, caller: &Caller) -> Result<AccountView, Fault> {
        self.user(&caller.user_id).await
    }
}

/// An account that is not deleted, by id or name.
pub(super) async fn present(tx: &Tx, id: &str) -> Result<User, Fault> {
    let found = match id.starts_with("user_") {
        true => tx.users().get(id).await?,
        false => tx.users().by_name(&names::fold(id)).await?,
    };
    let found = found.filter(|user| user.deleted_at.is_none());
    found.ok_or_else(|| Fault::not_found("user", id))
}
