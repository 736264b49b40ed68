//! `GET /models/{id}/live`: the page while the model's files are read.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use hanok_domain::fault::Fault;
use hanok_studio::access::Caller;

use super::{load, view};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::ui::frame::Frame;
use crate::ui::live::{self, Fragment, Update, Watch};
use crate::ui::visit::{Visit, now};

struct Import {
    caller: Caller,
    frame: Frame,
    id: String,
}

impl Watch for Import {
    fn concerns(&self, project: &str, topic: &str) -> bool {
        project == self.caller.project_id && topic == self.id
    }

    async fn update(&mut self, app: &App) -> Result<Update, Fault> {
        self.frame.now = now();
        let view = load::show(app, &self.caller, &self.id).await?;
        Ok(Update {
            fragments: vec![Fragment::replace("model", view::body(&view, &self.frame))],
            cursor: String::new(),
            ended: !view.is_importing(),
        })
    }
}

/// The stream.
pub async fn live(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let id = app.studio.model(&caller, &id).await?.id;
    Ok(live::stream(app, Import { caller, frame, id }).into_response())
}
