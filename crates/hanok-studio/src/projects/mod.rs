//! Projects: who is in them, as what, and how they end. Everything else belongs to a project; what its
//! members may do with that stands at each route.

mod create;
mod end;
mod erase;
mod list;
mod members;
mod receive;
mod select;
mod service;

use std::time::Duration;

use hanok_domain::fault::{Fault, FaultKind};
use hanok_domain::role::MemberRole;
use hanok_store::Tx;
use hanok_store::rows::projects::Project;
use serde::{Deserialize, Serialize};

use crate::access::{Caller, Credential};
use crate::time::rfc3339;

pub use create::NewTeam;
pub use end::DeleteProject;
pub use members::{MemberView, NewMember, NewRole};
pub(crate) use receive::receiver;
pub(crate) use service::is_service_account;
pub use service::{CreatedServiceAccount, NewServiceAccount, ServiceAccountView};

/// The kind that comes with an account.
pub(crate) const PERSONAL: &str = "personal";
/// The kind that people make.
const TEAM: &str = "team";
/// How long a project stays in the bin.
const BIN: Duration = Duration::from_secs(7 * 24 * 3600);

/// A project as one of its members sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProjectView {
    /// `proj_…`.
    pub id: String,
    /// Always `project`.
    pub object: String,
    /// As people see it.
    pub name: String,
    /// `personal` or `team`.
    pub kind: String,
    /// What the caller may do in it; none for an administrator who is no member.
    pub role: Option<String>,
    /// RFC 3339.
    pub created_at: String,
    /// When it was put into the bin, RFC 3339.
    pub deleted_at: Option<String>,
    /// From when on it may be erased, RFC 3339.
    pub purge_after: Option<String>,
}

fn view(project: Project, role: Option<&MemberRole>) -> ProjectView {
    ProjectView {
        id: project.id,
        object: "project".to_owned(),
        name: project.name,
        kind: project.kind,
        role: role.map(|role| role.as_str().to_owned()),
        created_at: rfc3339(project.created_at),
        deleted_at: project.deleted_at.map(rfc3339),
        purge_after: project.purge_after.map(rfc3339),
    }
}

/// A project and what the caller is in it.
struct Standing {
    project: Project,
    role: Option<MemberRole>,
    owns: bool,
}

impl Standing {
    /// The project for somebody who may see it, in the bin or not. To others it is not there.
    async fn of(tx: &Tx, caller: &Caller, id: &str) -> Result<Self, Fault> {
        a_person(caller)?;
        let absent = || Fault::not_found("project", id);
        let project = tx.projects().get(id).await?.ok_or_else(absent)?;
        let role = tx.projects().role(id, &caller.user_id).await?;
        let known = role
            .as_ref()
            .is_some_and(|role| role.includes(&MemberRole::Viewer));
        let owner = role
            .as_ref()
            .is_some_and(|role| role.includes(&MemberRole::Owner));
        let owns = owner || caller.may_administer();
        if !(known || caller.may_administer()) || (project.deleted_at.is_some() && !owns) {
            return Err(absent());
        }
        Ok(Self {
            project,
            role,
            owns,
        })
    }

    /// The same, of a project that is not in the bin.
    async fn present(tx: &Tx, caller: &Caller, id: &str) -> Result<Self, Fault> {
        let standing = Self::of(tx, caller, id).await?;
        match standing.project.deleted_at {
            None => Ok(standing),
            Some(_) => Err(
                Fault::conflict("project_deleted", "The project is in the bin.")
                    .remedy("Restore it first: 'hanok project restore'."),
            ),
        }
    }

    /// The same, of one that the caller owns or administers, and that nobody else changes meanwhile.
    async fn owned(tx: &Tx, caller: &Caller, id: &str) -> Result<Self, Fault> {
        tx.projects().lock(id).await?;
        Self::present(tx, caller, id).await?.or_forbidden()
    }

    fn or_forbidden(self) -> Result<Self, Fault> {
        match self.owns {
            true => Ok(self),
            false => Err(Fault::new(
                FaultKind::Forbidden,
                "forbidden",
                "Only an owner of the project may do this.",
            )),
        }
    }

    fn team(self) -> Result<Self, Fault> {
        match self.project.kind == PERSONAL {
            false => Ok(self),
            true => Err(Fault::conflict(
                "personal_project",
                "A personal project belongs to its account alone and stays with it.",
            )
            .remedy("Make a team project: 'hanok project create --name NAME'.")),
        }
    }
}

/// A key opens its project; who is in it is for people.
fn a_person(caller: &Caller) -> Result<(), Fault> {
    match caller.credential {
        Credential::Key { .. } => Err(Fault::new(
            FaultKind::Forbidden,
            "forbidden",
            "An API key manages no projects.",
        )),
        _ => Ok(()),
    }
}

fn checked_name(name: &str) -> Result<String, Fault> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        let text = "A name has 1 to 100 characters and no control characters.";
        return Err(Fault::invalid("invalid_name", text).field("name"));
    }
    Ok(name.to_owned())
}

fn checked_role(text: &str, of: &[MemberRole]) -> Result<MemberRole, Fault> {
    let role = MemberRole::parse(text);
    if of.contains(&role) {
        return Ok(role);
    }
    let names: Vec<&str> = of.iter().map(MemberRole::as_str).collect();
    let text = format!("A role is one of: {}.", names.join(", "));
    Err(Fault::invalid("invalid_role", text).field("role"))
}
