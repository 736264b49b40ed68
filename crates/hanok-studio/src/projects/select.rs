//! The project that a session is in.

use hanok_domain::fault::Fault;

use super::Standing;
use crate::access::{Caller, Credential};
use crate::studio::Studio;

impl Studio {
    /// Has the caller's session be in this project from the next request on.
    pub async fn select_project(&self, caller: &Caller, id: &str) -> Result<(), Fault> {
        self.store()
            .write(|tx| async move {
                let standing = Standing::present(&tx, caller, id).await?;
                if standing.role.is_none() {
                    return Err(Fault::not_found("project", id));
                }
                let Credential::Session { id: session } = &caller.credential else {
                    let text = "Only a session is in a project.";
                    return Err(Fault::conflict("no_session", text)
                        .remedy("Name the project with the header OpenAI-Project instead."));
                };
                Ok(tx.sessions().enter(session, id).await?)
            })
            .await
    }
}
