//! Looking for rows, newest first. Each filter has its index; a text is looked for among a bounded number of
//! rows at a time, and the answer says how far that reached.

use hanok_domain::audit::Outcome;
use hanok_domain::id;
use sea_orm::sea_query::{Expr, ExprTrait, Func, LikeExpr, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect};

use super::{Audit, Entry};
use crate::StoreError;
use crate::entities::audit;

/// Rows that one look for a text reads at most.
const WINDOW: u64 = 50_000;

/// Ids tell when they were made by the clock of a server, rows by that of the database: they may differ by so
/// much, µs.
const CLOCKS: i64 = 24 * 3600 * 1_000_000;

/// Which rows are wanted; those that fit everything that is said.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// One of these projects.
    pub projects: Vec<String>,
    /// One of these actions.
    pub actions: Vec<String>,
    /// One of these accounts.
    pub actors: Vec<String>,
    /// This object.
    pub object: Option<String>,
    /// This outcome.
    pub outcome: Option<Outcome>,
    /// From then on, µs UTC.
    pub since: Option<i64>,
    /// Before then, µs UTC.
    pub until: Option<i64>,
    /// Somewhere in it, whatever the case of letters.
    pub text: Option<String>,
}

/// Which part of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Part {
    /// Older than this row.
    pub after: Option<String>,
    /// Newer than this row: those next to it.
    pub before: Option<String>,
    /// At most so many.
    pub limit: u64,
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// Newest first.
    pub rows: Vec<Entry>,
    /// A look for a text ended at this row, and there are older ones.
    pub looked_to: Option<String>,
}

impl Audit<'_> {
    /// The row with this id.
    pub async fn get(&self, id: &str) -> Result<Option<Entry>, StoreError> {
        let row = audit::Entity::find_by_id(id).one(self.0.conn()).await?;
        Ok(row.map(Into::into))
    }

    /// Rows that fit.
    pub async fn search(&self, filter: &Filter, part: &Part) -> Result<Found, StoreError> {
        let mut fits = condition(filter);
        if let Some(after) = &part.after {
            fits = fits.add(audit::Column::Id.lt(after.as_str()));
        }
        if let Some(before) = &part.before {
            fits = fits.add(audit::Column::Id.gt(before.as_str()));
        }
        let newest = part.before.is_none();
        let mut looked_to = None;
        if let Some(wanted) = &filter.text {
            looked_to = self.end_of_window(&fits, newest).await?;
            if let Some(end) = &looked_to {
                let end = end.as_str();
                fits = fits.add(match newest {
                    true => audit::Column::Id.gte(end),
                    false => audit::Column::Id.lte(end),
                });
            }
            fits = fits.add(contains(wanted));
        }
        let order = if newest { Order::Desc } else { Order::Asc };
        let rows = audit::Entity::find()
            .filter(fits)
            .order_by(audit::Column::Id, order)
            .limit(part.limit)
            .all(self.0.conn())
            .await?;
        let mut rows: Vec<Entry> = rows.into_iter().map(Into::into).collect();
        if !newest {
            rows.reverse();
        }
        Ok(Found { rows, looked_to })
    }

    /// The row at which a look for a text ends, if there are more.
    async fn end_of_window(
        &self,
        fits: &Condition,
        newest: bool,
    ) -> Result<Option<String>, StoreError> {
        let order = if newest { Order::Desc } else { Order::Asc };
        let end = audit::Entity::find()
            .select_only()
            .column(audit::Column::Id)
            .filter(fits.clone())
            .order_by(audit::Column::Id, order)
            .offset(WINDOW - 1)
            .limit(1)
            .into_tuple::<String>()
            .one(self.0.conn())
            .await?;
        Ok(end)
    }

    /// Whether the account's credential was used from this address since then.
    pub async fn was_used(
        &self,
        object: &str,
        action: &str,
        address: &str,
        since: i64,
    ) -> Result<bool, StoreError> {
        let row = audit::Entity::find()
            .filter(audit::Column::ObjectId.eq(object))
            .filter(audit::Column::Id.gte(id::earliest(id::AUDIT, since.saturating_sub(CLOCKS))))
            .filter(audit::Column::Action.eq(action))
            .filter(audit::Column::Address.eq(address))
            .filter(audit::Column::At.gte(since))
            .one(self.0.conn())
            .await?;
        Ok(row.is_some())
    }
}

fn condition(filter: &Filter) -> Condition {
    let mut fits = Condition::all();
    for (column, wanted) in [
        (audit::Column::ProjectId, &filter.projects),
        (audit::Column::Action, &filter.actions),
        (audit::Column::ActorId, &filter.actors),
    ] {
        match wanted.as_slice() {
            [] => {}
            [one] => fits = fits.add(column.eq(one.as_str())),
            several => fits = fits.add(column.is_in(several.iter().map(String::as_str))),
        }
    }
    if let Some(object) = &filter.object {
        fits = fits.add(audit::Column::ObjectId.eq(object.as_str()));
    }
    match &filter.outcome {
        Some(Outcome::Done) => fits = fits.add(audit::Column::Outcome.eq("done")),
        // Said in the words of the index, which the planner cannot see in a parameter.
        Some(other) => {
            fits = fits.add(Expr::cust("outcome <> 'done'"));
            fits = fits.add(audit::Column::Outcome.eq(other.as_str()));
        }
        None => {}
    }
    if let Some(since) = filter.since {
        let from = id::earliest(id::AUDIT, since.saturating_sub(CLOCKS));
        fits = fits.add(audit::Column::At.gte(since));
        fits = fits.add(audit::Column::Id.gte(from));
    }
    if let Some(until) = filter.until {
        let to = id::earliest(id::AUDIT, until.saturating_add(CLOCKS));
        fits = fits.add(audit::Column::At.lt(until));
        fits = fits.add(audit::Column::Id.lt(to));
    }
    fits
}

/// The text in any column that people read; what it says is never a pattern.
fn contains(wanted: &str) -> Condition {
    let escaped: String = wanted
        .to_lowercase()
        .chars()
        .flat_map(|c| {
            matches!(c, '%' | '_' | '\\')
                .then_some('\\')
                .into_iter()
                .chain([c])
        })
        .collect();
    let pattern = format!("%{escaped}%");
    let like = |column: audit::Column| -> SimpleExpr {
        Func::lower(Expr::col(column)).like(LikeExpr::new(pattern.as_str()).escape('\\'))
    };
    Condition::any()
        .add(like(audit::Column::Action))
        .add(like(audit::Column::ActorName))
        .add(like(audit::Column::ObjectId))
        .add(like(audit::Column::Address))
        .add(like(audit::Column::RequestId))
        .add(like(audit::Column::UserAgent))
        .add(like(audit::Column::Detail))
}
