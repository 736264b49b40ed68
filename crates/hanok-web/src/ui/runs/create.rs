//! `POST /runs`: a run is started.

use axum::extract::State;
use axum::response::{Html, IntoResponse, Redirect, Response};
use hanok_domain::fault::Fault;
use hanok_studio::runs::StartRun;
use serde_json::{Map, Value};

use super::form::{self, RunForm};
use super::new::choices;
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::{ApiError, status_of};
use crate::ui::parts::FieldError;
use crate::ui::visit::{Posted, Visit};

/// The action.
pub async fn create(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    posted: Posted,
) -> Result<Response, ApiError> {
    let started = match read(&posted) {
        Ok(start) => app.studio.start_run(&caller, start, None).await,
        Err(fault) => Err(fault),
    };
    let fault = match started {
        Ok(run) => return Ok(Redirect::to(&format!("/runs/{}", run.id)).into_response()),
        Err(fault) => fault,
    };
    let (status, _) = status_of(fault.kind);
    if status.is_server_error() {
        return Err(fault.into());
    }
    let mut view = RunForm {
        dataset: posted.get("dataset").to_owned(),
        base_model: posted.get("base_model").to_owned(),
        name: posted.get("name").to_owned(),
        epochs: posted.get("epochs").to_owned(),
        learning_rate: posted.get("learning_rate").to_owned(),
        held_out: posted.get("held_out").to_owned(),
        errors: vec![field_error(&fault)],
        ..RunForm::default()
    };
    choices(&app, &caller, frame.lang, &mut view).await?;
    Ok((status, Html(form::render(&view, &frame))).into_response())
}

/// The form's fields as the studio takes them; what is empty keeps its default.
fn read(posted: &Posted) -> Result<StartRun, Fault> {
    let mut params = Map::new();
    for name in ["epochs", "learning_rate"] {
        if let Some(number) = number(posted, name)? {
            params.insert(name.to_owned(), number);
        }
    }
    let held_out = number(posted, "held_out")?.unwrap_or(Value::from(0.2));
    let name = posted.get("name");
    let mut start = serde_json::json!({
        "dataset": posted.get("dataset"),
        "held_out": held_out,
        "params": params,
    });
    if !name.is_empty() {
        start["name"] = name.into();
    }
    if !posted.get("base_model").is_empty() {
        start["base_model"] = posted.get("base_model").into();
    }
    serde_json::from_value(start)
        .map_err(|e| Fault::invalid("invalid_form", format!("The form: {e}.")))
}

/// A number, whole where it is written so.
fn number(posted: &Posted, name: &'static str) -> Result<Option<Value>, Fault> {
    let text = posted.get(name);
    if text.is_empty() {
        return Ok(None);
    }
    let whole = text.parse::<u64>().map(Value::from).ok();
    let read = whole.or_else(|| {
        let real = text.parse::<f64>().ok().filter(|n| n.is_finite());
        real.map(Value::from)
    });
    let wrong = || Fault::invalid("invalid_number", format!("'{text}' is no number.")).field(name);
    read.map(Some).ok_or_else(wrong)
}

fn field_error(fault: &Fault) -> FieldError {
    let known = [
        "dataset",
        "base_model",
        "name",
        "epochs",
        "learning_rate",
        "held_out",
    ];
    let named = fault.field.as_deref().unwrap_or_default();
    let named = named.strip_prefix("params.").unwrap_or(named);
    let field = known.into_iter().find(|f| *f == named).unwrap_or("dataset");
    FieldError {
        field: field.to_owned(),
        message: fault.to_string(),
    }
}
