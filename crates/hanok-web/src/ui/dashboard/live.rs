//! `GET /live`: the dashboard while something in the project changes.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use hanok_domain::fault::Fault;
use hanok_studio::access::Caller;

use super::{load, view};
use crate::access::guard::Signed;
use crate::app::App;
use crate::ui::frame::Frame;
use crate::ui::live::{self, Fragment, Update, Watch};
use crate::ui::visit::{Visit, now};

struct Project {
    caller: Caller,
    frame: Frame,
}

impl Watch for Project {
    fn concerns(&self, project: &str, _: &str) -> bool {
        project == self.caller.project_id
    }

    async fn update(&mut self, app: &App) -> Result<Update, Fault> {
        self.frame.now = now();
        let view = load::load(app, &self.caller, self.frame.lang).await?;
        let fragment = Fragment::replace("now", view::now(&view, &self.frame));
        Ok(Update {
            fragments: vec![fragment],
            ..Update::default()
        })
    }
}

/// The stream.
pub async fn live(State(app): State<App>, Signed(caller): Signed, Visit(frame): Visit) -> Response {
    live::stream(app, Project { caller, frame }).into_response()
}
