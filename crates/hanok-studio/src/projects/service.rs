//! Service accounts: programs that belong to a project. They have keys and nothing else to come in with.

use hanok_domain::fault::Fault;
use hanok_domain::id;
use hanok_domain::role::{MemberRole, UserRole};
use hanok_store::Tx;
use hanok_store::rows::projects::Member;
use hanok_store::rows::users::{NewUser, User, UserChange};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Standing, checked_name, checked_role};
use crate::access::Caller;
use crate::audit::{Deed, record};
use crate::keys::{CreatedKey, Holder, NewKey};
use crate::studio::Studio;
use crate::time::rfc3339;

const ROLES: [MemberRole; 2] = [MemberRole::Editor, MemberRole::Viewer];

/// What a new service account needs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewServiceAccount {
    /// As people see it.
    pub name: String,
    /// `editor` or `viewer`.
    #[serde(default)]
    pub role: Option<String>,
}

/// A service account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ServiceAccountView {
    /// `user_…`.
    pub id: String,
    /// Always `project.service_account`.
    pub object: String,
    /// As people see it.
    pub name: String,
    /// `editor` or `viewer`.
    pub role: String,
    /// RFC 3339.
    pub created_at: String,
}

/// A new service account with its first key; the only time that this is seen.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CreatedServiceAccount {
    /// The account.
    #[serde(flatten)]
    pub account: ServiceAccountView,
    /// Its first key.
    pub api_key: CreatedKey,
}

impl Studio {
    /// Makes a service account with a key.
    pub async fn create_service_account(
        &self,
        caller: &Caller,
        project: &str,
        new: NewServiceAccount,
    ) -> Result<CreatedServiceAccount, Fault> {
        let new = &new;
        self.store()
            .write(|tx| async move {
                Standing::owned(&tx, caller, project).await?;
                let name = checked_name(&new.name)?;
                let role = checked_role(new.role.as_deref().unwrap_or("editor"), &ROLES)?;
                let user = add(&tx, project, &name, &role).await?;
                let here = &caller.within(project);
                let deed = Deed::done("service_account.create", "user", &user.id)
                    .detail(json!({ "name": name, "role": role }));
                record(&tx, here, deed).await?;
                let holder = Holder {
                    project,
                    user: &user.id,
                };
                let key = NewKey {
                    name,
                    ..NewKey::default()
                };
                let api_key = self.add_key(&tx, here, holder, &key).await?;
                let account = view((user, role));
                Ok(CreatedServiceAccount { account, api_key })
            })
            .await
    }

    /// The service accounts of a project.
    pub async fn service_accounts(
        &self,
        caller: &Caller,
        project: &str,
    ) -> Result<Vec<ServiceAccountView>, Fault> {
        self.store()
            .read(|tx| async move {
                Standing::present(&tx, caller, project).await?;
                let found = accounts(&tx, project).await?;
                Ok(found.into_iter().map(view).collect())
            })
            .await
    }

    /// Ends a service account and its keys.
    pub async fn delete_service_account(
        &self,
        caller: &Caller,
        project: &str,
        user: &str,
    ) -> Result<(), Fault> {
        self.store()
            .write(|tx| async move {
                Standing::owned(&tx, caller, project).await?;
                let found = accounts(&tx, project).await?;
                if !found.iter().any(|(account, _)| account.id == user) {
                    return Err(Fault::not_found("service account", user));
                }
                tx.keys().revoke_of(project, user).await?;
                tx.projects().remove_member(project, user).await?;
                let disabled = UserChange {
                    disabled: Some(true),
                    ..UserChange::default()
                };
                tx.users().update(user, &disabled).await?;
                let deed = Deed::done("service_account.delete", "user", user);
                record(&tx, &caller.within(project), deed).await?;
                Ok(())
            })
            .await
    }
}

async fn add(tx: &Tx, project: &str, name: &str, role: &MemberRole) -> Result<User, Fault> {
    let taken = accounts(tx, project).await?;
    if taken.iter().any(|(user, _)| shown(&user.name) == name) {
        let text = "The project has a service account of this name.";
        return Err(Fault::conflict("name_taken", text).field("name"));
    }
    // Names are unique in the installation, and another project's are nobody's business.
    let new = NewUser {
        name: format!("{name}@{}", id::new("svc")),
        email: None,
        role: UserRole::Service,
        password_hash: None,
    };
    let user = tx.users().insert(&new).await?;
    let member = Member {
        project_id: project.to_owned(),
        user_id: user.id.clone(),
        role: role.clone(),
    };
    tx.projects().set_member(&member).await?;
    Ok(user)
}

pub(crate) async fn is_service_account(tx: &Tx, project: &str, user: &str) -> Result<bool, Fault> {
    let found = accounts(tx, project).await?;
    Ok(found.iter().any(|(account, _)| account.id == user))
}

async fn accounts(tx: &Tx, project: &str) -> Result<Vec<(User, MemberRole)>, Fault> {
    let mut found = Vec::new();
    for member in tx.projects().members(project).await? {
        if let Some(user) = tx.users().get(&member.user_id).await?
            && user.role == UserRole::Service
        {
            found.push((user, member.role));
        }
    }
    Ok(found)
}

/// A service account's name as people gave it.
fn shown(name: &str) -> &str {
    name.rsplit_once("@svc_").map_or(name, |(shown, _)| shown)
}

fn view((user, role): (User, MemberRole)) -> ServiceAccountView {
    ServiceAccountView {
        name: shown(&user.name).to_owned(),
        id: user.id,
        object: "project.service_account".to_owned(),
        role: role.as_str().to_owned(),
        created_at: rfc3339(user.created_at),
    }
}
