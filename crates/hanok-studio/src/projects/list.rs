//! The caller's projects.

use hanok_domain::fault::Fault;
use hanok_domain::role::MemberRole;

use super::{ProjectView, Standing, a_person, view};
use crate::access::Caller;
use crate::studio::Studio;

impl Studio {
    /// The projects that the caller is a member of, oldest first; of those in the bin only what they own.
    pub async fn projects(&self, caller: &Caller) -> Result<Vec<ProjectView>, Fault> {
        a_person(caller)?;
        let found = self
            .store()
            .read(|tx| async move { tx.projects().of_user(&caller.user_id).await })
            .await?;
        let seen = found.into_iter().filter(|(project, role)| {
            let needed = match project.deleted_at {
                Some(_) => MemberRole::Owner,
                None => MemberRole::Viewer,
            };
            role.includes(&needed)
        });
        Ok(seen
            .map(|(project, role)| view(project, Some(&role)))
            .collect())
    }

    /// One project.
    pub async fn project(&self, caller: &Caller, id: &str) -> Result<ProjectView, Fault> {
        self.store()
            .read(|tx| async move {
                let standing = Standing::of(&tx, caller, id).await?;
                Ok(view(standing.project, standing.role.as_ref()))
            })
            .await
    }
}
