//! What comes with every account: a personal project that it owns.

use hanok_domain::role::MemberRole;
use hanok_store::rows::projects::{Member, NewProject};
use hanok_store::rows::users::{NewUser, User};
use hanok_store::{StoreError, Tx};

/// Adds an account with its project.
pub(super) async fn account(tx: &Tx, new: &NewUser) -> Result<User, StoreError> {
    let user = tx.users().insert(new).await?;
    let project = NewProject {
        name: "Personal".to_owned(),
        kind: "personal".to_owned(),
    };
    let project = tx.projects().insert(&project).await?;
    let member = Member {
        project_id: project.id,
        user_id: user.id.clone(),
        role: MemberRole::Owner,
    };
    tx.projects().set_member(&member).await?;
    Ok(user)
}
