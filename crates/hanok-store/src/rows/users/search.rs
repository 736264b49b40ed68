//! Looking for accounts: by the beginning of name or address, role and state, a page at a time.

use hanok_domain::role::UserRole;
use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, IdenStatic, QueryFilter, QueryOrder, QuerySelect,
};

use super::{User, Users};
use crate::entities::users;
use crate::{Page, StoreError};

/// Where a beginning is looked for.
const COLUMNS: [users::Column; 2] = [users::Column::Name, users::Column::Email];
/// From so many rows on that fit, the list is gone through instead.
const MANY: u64 = 1000;

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
            query = query.filter(self.begins(begins).await?);
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

    /// Each database has its own way to use an index for the beginning of a text. PostgreSQL knows from its
    /// statistics when many rows fit, so that it is faster to go through the list until a page is full;
    /// SQLite is told.
    async fn begins(&self, text: &str) -> Result<Condition, StoreError> {
        if self.0.is_postgres() {
            let pattern = pattern(text);
            return Ok(either(|column| column.like(pattern.as_str())));
        }
        let end = format!("{text}{}", char::MAX);
        if !self.are_many(text, &end).await? {
            return Ok(either(|column| column.gte(text).and(column.lt(&end))));
        }
        Ok(either(|column| {
            // With the sign a column is an expression that no index has.
            let sql = format!("+{0} >= ? AND +{0} < ?", column.as_str());
            Expr::cust_with_values(sql, [text, &end])
        }))
    }

    /// Whether so many names or addresses lie between these that sorting them would take long.
    async fn are_many(&self, begin: &str, end: &str) -> Result<bool, StoreError> {
        for column in COLUMNS {
            let found = users::Entity::find()
                .select_only()
                .column(column)
                .filter(column.gte(begin).and(column.lt(end)))
                .order_by_asc(column)
                .offset(MANY)
                .limit(1)
                .into_tuple::<String>()
                .one(self.0.conn())
                .await?;
            if found.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// What fits in name or address.
fn either(fits: impl Fn(users::Column) -> SimpleExpr) -> Condition {
    COLUMNS
        .into_iter()
        .fold(Condition::any(), |any, column| any.add(fits(column)))
}

/// Of `LIKE`: what begins with this text.
fn pattern(text: &str) -> String {
    let mut pattern = String::new();
    for c in text.chars() {
        if ['\\', '%', '_'].contains(&c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
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
