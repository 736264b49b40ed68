//! What is done with a project as a whole: it gets a name, is entered, deleted and taken back.

use axum::extract::{Path, State};
use axum::response::Redirect;
use hanok_studio::projects::{DeleteProject, NewTeam};

use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::ui::visit::Posted;

/// `POST /projects/{id}`.
pub async fn rename(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Redirect, ApiError> {
    let new = NewTeam {
        name: posted.get("name").to_owned(),
    };
    app.studio.rename_project(&caller, &id, new).await?;
    Ok(Redirect::to(&format!("/projects/{id}?done=saved")))
}

/// `POST /projects/{id}/select`.
pub async fn select(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    _: Posted,
) -> Result<Redirect, ApiError> {
    app.studio.select_project(&caller, &id).await?;
    Ok(Redirect::to("/"))
}

/// `POST /projects/{id}/delete`: with `now`, only if the name was typed.
pub async fn delete(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Redirect, ApiError> {
    let how = DeleteProject {
        now: !posted.get("now").is_empty(),
        name: Some(posted.raw("name").to_owned()),
    };
    app.studio.delete_project(&caller, &id, how).await?;
    Ok(Redirect::to("/projects?done=project_deleted"))
}

/// `POST /projects/{id}/restore`.
pub async fn restore(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    _: Posted,
) -> Result<Redirect, ApiError> {
    app.studio.restore_project(&caller, &id).await?;
    Ok(Redirect::to(&format!("/projects/{id}?done=saved")))
}
