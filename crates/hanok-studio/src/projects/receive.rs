//! A project that is given something by one of another project. What it is given, the nouns themselves know.

use hanok_domain::fault::{Fault, FaultKind};
use hanok_domain::role::MemberRole;
use hanok_store::Tx;

use super::Standing;
use crate::access::Caller;

/// The caller in the project that is to receive something: one who may write there too.
///
/// # Errors
/// 404 for a project that the caller is not in, 403 for one where they only read, 409 for their own.
pub(crate) async fn receiver(tx: &Tx, caller: &Caller, project: &str) -> Result<Caller, Fault> {
    let standing = Standing::present(tx, caller, project).await;
    let standing = standing.map_err(|fault| fault.field("project"))?;
    if standing.project.id == caller.project_id {
        let text = "It is in this project already.";
        return Err(Fault::conflict("same_project", text).field("project"));
    }
    let writes = standing.role.as_ref();
    let writes = writes.is_some_and(|role| role.includes(&MemberRole::Editor)) || standing.owns;
    if !writes {
        let text = "In that project you may only read.";
        return Err(Fault::new(FaultKind::Forbidden, "forbidden", text).field("project"));
    }
    Ok(caller.within(&standing.project.id))
}
