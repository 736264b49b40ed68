//! `POST /deployments/try`: one text is classified; it changes nothing but the usage.

use std::time::Instant;

use axum::extract::State;
use axum::response::Html;
use hanok_studio::inference::{Inference, Route};

use super::list::load;
use super::view::{self, Score, Tried};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::{ApiError, public};
use crate::extract::RequestId;
use crate::ui::visit::{Posted, Visit};

/// The action.
pub async fn attempt(
    State(app): State<App>,
    Signed(caller): Signed,
    RequestId(request_id): RequestId,
    Visit(frame): Visit,
    posted: Posted,
) -> Result<Html<String>, ApiError> {
    let mut view = load(&app, &caller).await?;
    view.model = posted.get("model").to_owned();
    view.text = posted.raw("text").to_owned();
    let request = Inference {
        model: view.model.clone(),
        texts: vec![view.text.clone()],
        route: Route::Page,
        request_id,
    };
    let started = Instant::now();
    let answer = app.studio.classify(&caller, request).await;
    let milliseconds = started.elapsed().as_secs_f64() * 1e3;
    view.answer = Some(match answer {
        Ok(answer) => Ok(Tried {
            scores: answer
                .results
                .into_iter()
                .next()
                .map(scores)
                .unwrap_or_default(),
            milliseconds,
        }),
        Err(fault) => Err(public(&fault)),
    });
    Ok(Html(view::render(&view, &frame)))
}

fn scores(scores: hanok_protocol::inference::Scores) -> Vec<Score> {
    let all = scores.labels.into_iter();
    all.map(|(label, score)| Score {
        label,
        score: f64::from(score),
    })
    .collect()
}
