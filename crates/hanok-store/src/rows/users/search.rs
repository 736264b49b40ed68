//! Looking for accounts: by the beginning of name or address, role and state, a page at a time.

use hanok_domain::role::UserRole;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

use super::{User, Users};
use crate::entities::users;
use crate::{Page, StoreError};

/// Which accounts are looked for.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    /// What name or address begins with, normalised.
    pub begins: Option<String>,
    /// Only of this role.
    pub role: Option<UserRole>,
    /// Only those in this state.
    pub state: Option<UserState>,
}

/// What an account is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserState {
    /// May sign in.
    Active,
    /// Disabled.
    Disabled,
    /// Has not verified its address.
    Unverified,
    /// Waits for an administrator.
    Unapproved,
}

impl Users<'_> {
    /// One page of the accounts that are there, newest first.
    pub async fn search(&self, filter: &UserFilter, page: &Page) -> Result<Vec<User>, StoreError> {
        let mut query = users::Entity::find().filter(users::Column::DeletedAt.is_null());
        if let Some(begins) = &filter.begins {
            query = query.filter(self.begins(begins));
        }
        if let Some(role) = &filter.role {
            query = query.filter(users::Column::Role.eq(role.as_str()));
        }
        if let Some(state) = filter.state {
            query = query.filter(in_state(state));
        }
        let rows = page.apply(query, users::Column::Id);
        let rows = rows.all(self.0.conn()).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Each database has its own way to use an index for the beginning of a text.
    fn begins(&self, text: &str) -> Condition {
        let columns = [users::Column::Name, users::Column::Email];
        let parts = columns.map(|column| match self.0.is_postgres() {
            true => {
                let marks = ['\\', '%', '_'];
                let mut pattern = String::new();
                for c in text.chars() {
                    if marks.contains(&c) {
                        pattern.push('\\');
                    }
                    pattern.push(c);
                }
                pattern.push('%');
                Condition::all().add(column.like(pattern))
            }
            false => Condition::all()
                .add(column.gte(text))
                .add(column.lt(format!("{text}{}", char::MAX))),
        });
        parts.into_iter().fold(Condition::any(), Condition::add)
    }
}

fn in_state(state: UserState) -> Condition {
    let (disabled, step) = (users::Column::DisabledAt, users::Column::WaitsFor);
    match state {
        UserState::Active => Condition::all().add(disabled.is_null()).add(step.is_null()),
        UserState::Disabled => Condition::all().add(disabled.is_not_null()),
        UserState::Unverified => Condition::all().add(step.eq("verification")),
        UserState::Unapproved => Condition::all().add(step.eq("approval")),
    }
}
