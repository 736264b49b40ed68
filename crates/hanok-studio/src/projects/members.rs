//! Members: added, changed, removed by owners; everybody may leave. A project is never without an owner.

use hanok_domain::fault::Fault;
use hanok_domain::role::{MemberRole, UserRole};
use hanok_store::Tx;
use hanok_store::rows::projects::Member;
use hanok_store::rows::users::User;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Standing, checked_role};
use crate::access::Caller;
use crate::audit::{Deed, record};
use crate::studio::Studio;

const ROLES: [MemberRole; 3] = [MemberRole::Owner, MemberRole::Editor, MemberRole::Viewer];

/// Who is to be a member, as what.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewMember {
    /// Name or id of an account.
    pub user: String,
    /// `owner`, `editor` or `viewer`.
    pub role: String,
}

/// What a member is to be from now on.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewRole {
    /// `owner`, `editor` or `viewer`.
    pub role: String,
}

/// A member.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MemberView {
    /// `user_…`.
    pub id: String,
    /// Always `project.member`.
    pub object: String,
    /// Name of the account.
    pub name: String,
    /// `owner`, `editor` or `viewer`.
    pub role: String,
}

impl Studio {
    /// The people in a project.
    pub async fn members(&self, caller: &Caller, project: &str) -> Result<Vec<MemberView>, Fault> {
        self.store()
            .read(|tx| async move {
                Standing::present(&tx, caller, project).await?;
                let people = people(&tx, project).await?;
                Ok(people.into_iter().map(view).collect())
            })
            .await
    }

    /// Adds a member.
    ///
    /// # Errors
    /// 404 for an account that is not there, told to owners alone; 409 for a member.
    pub async fn add_member(
        &self,
        caller: &Caller,
        project: &str,
        new: NewMember,
    ) -> Result<MemberView, Fault> {
        let new = &new;
        self.store()
            .write(|tx| async move {
                Standing::owned(&tx, caller, project).await?.team()?;
                let role = checked_role(&new.role, &ROLES)?;
                let wanted = new.user.trim();
                let user = account(&tx, wanted).await?;
                if tx.projects().role(project, &user.id).await?.is_some() {
                    let text = format!("{} is a member already.", user.name);
                    return Err(Fault::conflict("already_member", text));
                }
                set(&tx, project, &user.id, &role).await?;
                let deed =
                    Deed::done("member.add", "user", &user.id).detail(json!({ "role": role }));
                record(&tx, &caller.within(project), deed).await?;
                Ok(view((user, role)))
            })
            .await
    }

    /// Gives a member another role.
    ///
    /// # Errors
    /// 409 for the last owner.
    pub async fn change_member(
        &self,
        caller: &Caller,
        project: &str,
        user: &str,
        new: NewRole,
    ) -> Result<MemberView, Fault> {
        let new = &new;
        self.store()
            .write(|tx| async move {
                Standing::owned(&tx, caller, project).await?.team()?;
                let role = checked_role(&new.role, &ROLES)?;
                let (user, before) = member(&tx, project, user).await?;
                if role != MemberRole::Owner {
                    still_owned(&tx, project, &user.id).await?;
                }
                set(&tx, project, &user.id, &role).await?;
                let deed = Deed::done("member.change", "user", &user.id)
                    .detail(json!({ "from": before, "to": role }));
                record(&tx, &caller.within(project), deed).await?;
                Ok(view((user, role)))
            })
            .await
    }

    /// Removes a member with the keys that they made in the project; who is removed by themselves leaves.
    ///
    /// # Errors
    /// 409 for the last owner.
    pub async fn remove_member(
        &self,
        caller: &Caller,
        project: &str,
        user: &str,
    ) -> Result<(), Fault> {
        self.store()
            .write(|tx| async move {
                tx.projects().lock(project).await?;
                let standing = Standing::present(&tx, caller, project).await?;
                let found = member(&tx, project, user).await;
                let leaves = found
                    .as_ref()
                    .is_ok_and(|(user, _)| user.id == caller.user_id);
                let standing = if leaves {
                    standing
                } else {
                    standing.or_forbidden()?
                };
                standing.team()?;
                let (user, _) = found?;
                still_owned(&tx, project, &user.id).await?;
                tx.projects().remove_member(project, &user.id).await?;
                tx.keys().revoke_of(project, &user.id).await?;
                let action = if leaves {
                    "project.leave"
                } else {
                    "member.remove"
                };
                let deed = Deed::done(action, "user", &user.id);
                record(&tx, &caller.within(project), deed).await?;
                Ok(())
            })
            .await
    }
}

async fn set(tx: &Tx, project: &str, user: &str, role: &MemberRole) -> Result<(), Fault> {
    let member = Member {
        project_id: project.to_owned(),
        user_id: user.to_owned(),
        role: role.clone(),
    };
    Ok(tx.projects().set_member(&member).await?)
}

/// The people in a project with their roles; programs have a list of their own.
async fn people(tx: &Tx, project: &str) -> Result<Vec<(User, MemberRole)>, Fault> {
    let mut found = Vec::new();
    for member in tx.projects().members(project).await? {
        if let Some(user) = tx.users().get(&member.user_id).await?
            && user.role != UserRole::Service
        {
            found.push((user, member.role));
        }
    }
    Ok(found)
}

/// A person's account by id or name.
async fn account(tx: &Tx, wanted: &str) -> Result<User, Fault> {
    let found = match tx.users().get(wanted).await? {
        Some(user) => Some(user),
        None => tx.users().by_name(wanted).await?,
    };
    found
        .filter(|user| user.role != UserRole::Service && user.disabled_at.is_none())
        .ok_or_else(|| Fault::not_found("user", wanted))
}

/// A member by id, or else by name: a name that looks like an id stands for nobody else.
async fn member(tx: &Tx, project: &str, wanted: &str) -> Result<(User, MemberRole), Fault> {
    let mut people = people(tx, project).await?;
    let by_id = people.iter().position(|(user, _)| user.id == wanted);
    let by_name = || people.iter().position(|(user, _)| user.name == wanted);
    let at = by_id.or_else(by_name);
    let at = at.ok_or_else(|| Fault::not_found("member", wanted))?;
    Ok(people.swap_remove(at))
}

/// Refuses to go on where nobody but `without` owns the project and can sign in.
async fn still_owned(tx: &Tx, project: &str, without: &str) -> Result<(), Fault> {
    let people = people(tx, project).await?;
    let owners = people
        .iter()
        .filter(|(user, role)| *role == MemberRole::Owner && user.disabled_at.is_none());
    let is_owner = people
        .iter()
        .any(|(user, role)| user.id == without && *role == MemberRole::Owner);
    if !is_owner || owners.into_iter().any(|(user, _)| user.id != without) {
        return Ok(());
    }
    Err(
        Fault::conflict("last_owner", "This is the last owner of the project.")
            .remedy("Make somebody else an owner first, or delete the project."),
    )
}

fn view((user, role): (User, MemberRole)) -> MemberView {
    MemberView {
        id: user.id,
        object: "project.member".to_owned(),
        name: user.name,
        role: role.as_str().to_owned(),
    }
}
