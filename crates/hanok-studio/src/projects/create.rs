//! A new team project, with its maker as the first owner; another name for one.

use hanok_domain::fault::Fault;
use hanok_domain::role::MemberRole;
use hanok_store::rows::projects::{Member, NewProject};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{ProjectView, Standing, TEAM, a_person, checked_name, view};
use crate::Once;
use crate::access::Caller;
use crate::audit::{Deed, record};
use crate::once::{earlier, remember};
use crate::studio::Studio;

/// What a project is called.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewTeam {
    /// As people see it.
    pub name: String,
}

impl Studio {
    /// Makes a team project that the caller owns.
    pub async fn create_project(
        &self,
        caller: &Caller,
        new: NewTeam,
        once: Option<Once>,
    ) -> Result<ProjectView, Fault> {
        a_person(caller)?;
        let (name, once) = (&checked_name(&new.name)?, once.as_ref());
        self.store()
            .write(|tx| async move {
                if let Some(answer) = earlier(&tx, &caller.project_id, once).await? {
                    return Ok(answer);
                }
                let new = NewProject {
                    name: name.clone(),
                    kind: TEAM.to_owned(),
                };
                let project = tx.projects().insert(&new).await?;
                let owner = Member {
                    project_id: project.id.clone(),
                    user_id: caller.user_id.clone(),
                    role: MemberRole::Owner,
                };
                tx.projects().set_member(&owner).await?;
                let deed = Deed::done("project.create", "project", &project.id)
                    .detail(json!({ "name": name }));
                record(&tx, &caller.within(&project.id), deed).await?;
                let answer = view(project, Some(&MemberRole::Owner));
                remember(&tx, &caller.project_id, once, &answer).await?;
                Ok(answer)
            })
            .await
    }

    /// Gives a project another name.
    pub async fn rename_project(
        &self,
        caller: &Caller,
        id: &str,
        new: NewTeam,
    ) -> Result<ProjectView, Fault> {
        let new = &new;
        self.store()
            .write(|tx| async move {
                let mut standing = Standing::owned(&tx, caller, id).await?;
                let name = checked_name(&new.name)?;
                tx.projects().rename(id, &name).await?;
                let deed = Deed::done("project.rename", "project", id)
                    .detail(json!({ "from": standing.project.name, "to": name }));
                record(&tx, &caller.within(id), deed).await?;
                standing.project.name = name;
                Ok(view(standing.project, standing.role.as_ref()))
            })
            .await
    }
}
