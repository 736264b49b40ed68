//! `GET /playground`: the page; the conversation itself goes to `/v1/chat/completions` from the browser.

use axum::extract::State;
use axum::response::Html;
use hanok_studio::PageRequest;
use hanok_studio::models::STARTER_ENCODER;
use serde::Deserialize;

use super::view::{self, Playground, Speaker};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Query;
use crate::ui::visit::Visit;

/// The model that is chosen already, by name.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PlaygroundQuery {
    model: String,
}

/// The page.
pub async fn show(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    Query(query): Query<PlaygroundQuery>,
) -> Result<Html<String>, ApiError> {
    let own = app.studio.models(&caller, PageRequest::first(100)).await?;
    let kind_of = |name: &str| {
        let own = own.items.iter().find(|model| model.name == name);
        match (own, name) {
            (Some(model), _) => model.kind.clone(),
            (None, STARTER_ENCODER) => "encoder".to_owned(),
            (None, _) => "decoder".to_owned(),
        }
    };
    let callable = app.studio.callable_models(&caller).await?;
    let speakers = callable
        .into_iter()
        .map(|model| Speaker {
            kind: kind_of(&model.name),
            name: model.name,
        })
        .filter(|speaker| speaker.kind == "decoder" || speaker.kind == "classifier");
    let view = Playground {
        speakers: speakers.collect(),
        model: query.model,
    };
    Ok(Html(view::render(&view, &frame)))
}
