//! `GET /runs/{id}/live`: the page while its run or evaluation is at work.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use hanok_domain::fault::Fault;
use hanok_studio::access::Caller;
use hanok_studio::events::Cursor;
use serde::Deserialize;

use super::load;
use super::view::{self, RunShow};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Query;
use crate::stream;
use crate::ui::frame::Frame;
use crate::ui::live::{self, Fragment, Update, Watch};
use crate::ui::visit::{Visit, now};

/// Where the client stands, and how its chart is drawn.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct LiveQuery {
    after: String,
    scale: String,
}

struct Watched {
    caller: Caller,
    frame: Frame,
    view: RunShow,
    cursor: Cursor,
    /// Number of the last event that the client has seen.
    seen: i64,
    first: bool,
}

impl Watch for Watched {
    fn concerns(&self, project: &str, topic: &str) -> bool {
        project == self.caller.project_id && topic == self.view.id
    }

    async fn update(&mut self, app: &App) -> Result<Update, Fault> {
        self.frame.now = now();
        let moved = load::events(app, &self.caller, &mut self.view, &mut self.cursor).await?;
        if moved {
            let id = self.view.id.clone();
            load::refresh(app, &self.caller, &id, &mut self.view).await?;
        }
        self.view.tick(self.frame.now);
        let mut fragments = Vec::new();
        if moved || self.first {
            fragments.push(Fragment::replace(
                "run-head",
                view::head(&self.view, &self.frame),
            ));
            fragments.push(Fragment::replace(
                "run-result",
                view::result(&self.view, self.frame.lang),
            ));
        }
        fragments.push(Fragment::replace(
            "run-work",
            view::work(&self.view, self.frame.lang),
        ));
        let news = self.view.log.iter().filter(|line| line.seq > self.seen);
        fragments.extend(news.map(|line| Fragment::append("log", view::log_line(line))));
        self.seen = self
            .view
            .log
            .last()
            .map_or(self.seen, |line| line.seq.max(self.seen));
        self.first = false;
        Ok(Update {
            fragments,
            cursor: self.cursor.to_string(),
            ended: !self.view.is_live(),
        })
    }
}

/// The stream.
pub async fn live(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    Path(id): Path<String>,
    headers: HeaderMap,
    Query(query): Query<LiveQuery>,
) -> Result<Response, ApiError> {
    let (mut view, cursor) = load::show(&app, &caller, &id).await?;
    view.log_scale = query.scale == "log";
    let client = stream::cursor(&headers, &[id], Some(&query.after));
    let seen = client.positions().next().map_or(0, |(_, seq)| seq);
    let watched = Watched {
        caller,
        frame,
        view,
        cursor,
        seen,
        first: true,
    };
    Ok(live::stream(app, watched).into_response())
}
