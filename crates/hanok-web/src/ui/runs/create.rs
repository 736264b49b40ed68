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
        choice: posted.get("choice").to_owned(),
        name: posted.get("name").to_owned(),
        epochs: posted.get("epochs").to_owned(),
        learning_rate: posted.get("learning_rate").to_owned(),
        batch_size: posted.get("batch_size").to_owned(),
        rank: posted.get("rank").to_owned(),
        max_length: posted.get("max_length").to_owned(),
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
    let (method, base_model) = posted.get("choice").split_once(':').unwrap_or_default();
    for name in ["epochs", "learning_rate", "batch_size", "max_length"] {
        if let Some(number) = number(posted, name)? {
            params.insert(name.to_owned(), number);
        }
    }
    // The rank stands in the form whatever the method; only an adapter has one.
    if let Some(rank) = number(posted, "rank")?.filter(|_| method == "lora") {
        params.insert("lora".to_owned(), serde_json::json!({ "rank": rank }));
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
    if !base_model.is_empty() {
        start["base_model"] = base_model.into();
        start["method"] = method.into();
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
        "choice",
        "name",
        "epochs",
        "learning_rate",
        "batch_size",
        "rank",
        "max_length",
        "held_out",
    ];
    let named = fault.field.as_deref().unwrap_or_default();
    let named = named.strip_prefix("params.").unwrap_or(named);
    let named = match named {
        "base_model" | "method" => "choice",
        _ => named.strip_prefix("lora.").unwrap_or(named),
    };
    let field = known.into_iter().find(|f| *f == named).unwrap_or("dataset");
    FieldError {
        field: field.to_owned(),
        message: fault.to_string(),
    }
}
