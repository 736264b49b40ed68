//! What the pages of models show.

use askama::Template;

use crate::ui::frame::{At, Frame, Section};
use crate::ui::lang::Lang;
use crate::ui::parts::{Empty, Pager, encode};
use crate::ui::shell::{literal, quote};

/// A row of the list.
#[derive(Debug, Clone, Default)]
pub struct ModelRow {
    /// `model_…`.
    pub id: String,
    /// The name by which it is called: `ft:…`.
    pub name: String,
    /// The base model.
    pub base_model: String,
    /// How many classes it knows.
    pub labels: u64,
    /// Accuracy on held-out rows, once evaluated.
    pub accuracy: Option<f64>,
    /// Whether it is served.
    pub deployed: bool,
    /// When it was made, µs.
    pub created_at: i64,
}

/// The list.
#[derive(Debug, Clone, Default)]
pub struct ModelList {
    /// The rows.
    pub rows: Vec<ModelRow>,
    /// Whether this is not the first part.
    pub later: bool,
    /// Cursor of the next part.
    pub next: Option<String>,
}

/// One model.
#[derive(Debug, Clone, Default)]
pub struct ModelShow {
    /// What the list shows of it.
    pub row: ModelRow,
    /// Its classes.
    pub labels: Vec<String>,
    /// The run that made it: id and name.
    pub run: Option<(String, String)>,
    /// The data set that it was tuned on: id and name.
    pub dataset: Option<(String, String)>,
    /// Size of what was trained.
    pub bytes: u64,
    /// Difference to the base model, once evaluated.
    pub delta: Option<f64>,
    /// A text to call it with, from the data.
    pub example: String,
    /// Whether the person may change things.
    pub may_edit: bool,
}

#[derive(Template)]
#[template(path = "models/list.html")]
struct ListPage<'a> {
    f: &'a Frame,
    l: Lang,
    at: At,
    v: &'a ModelList,
    pager: Pager<'a>,
}

#[derive(Template)]
#[template(path = "models/show.html")]
struct ShowPage<'a> {
    f: &'a Frame,
    l: Lang,
    at: At,
    v: &'a ModelShow,
}

impl ModelList {
    fn empty(&self, l: Lang) -> Empty<'static> {
        Empty {
            icon: "models",
            title: l.t("models.empty.title"),
            text: l.t("models.empty.text"),
            action: Some((l.t("runs.new"), "/runs/new")),
            example: "",
        }
    }
}

/// Adds how to call a model over the OpenAI surface.
pub fn call_code(at: At, base: &str, model: &str, text: &str) -> At {
    let message = serde_json::json!({
        "model": model,
        "messages": [{ "role": "user", "content": text }],
    });
    at.code(
        format!(
            "curl {base}/v1/chat/completions \\\n  -H \"Authorization: Bearer $HANOK_KEY\" \\\n  -H \"Content-Type: application/json\" \\\n  -d {}",
            quote(&message.to_string())
        ),
        format!(
            "import os\nfrom openai import OpenAI\n\nclient = OpenAI(base_url=\"{base}/v1\", api_key=os.environ[\"HANOK_KEY\"])\nanswer = client.chat.completions.create(\n    model={},\n    messages=[{{\"role\": \"user\", \"content\": {}}}],\n)\nprint(answer.choices[0].message.content)",
            literal(model),
            literal(text)
        ),
        String::new(),
    )
}

/// The list.
pub fn render_list(v: &ModelList, f: &Frame) -> String {
    let l = f.lang;
    let base = &f.base_url;
    let at = At::room(Section::Models, l).code(
        format!("curl {base}/v1/models \\\n  -H \"Authorization: Bearer $HANOK_KEY\""),
        format!(
            "import os\nfrom openai import OpenAI\n\nclient = OpenAI(base_url=\"{base}/v1\", api_key=os.environ[\"HANOK_KEY\"])\nfor model in client.models.list():\n    print(model.id)"
        ),
        String::new(),
    );
    let pager = Pager {
        l,
        first: v.later.then(|| "/models".to_owned()),
        next: v
            .next
            .as_ref()
            .map(|after| format!("/models?after={}", encode(after))),
        shown: "",
    };
    crate::ui::html(&ListPage { f, l, at, v, pager }).0
}

/// The page of one model.
pub fn render_show(v: &ModelShow, f: &Frame) -> String {
    let l = f.lang;
    let text = match v.example.is_empty() {
        true => l.t("models.example"),
        false => v.example.as_str(),
    };
    let at = At::within(Section::Models, l, &v.row.name);
    let at = call_code(at, &f.base_url, &v.row.name, text);
    crate::ui::html(&ShowPage { f, l, at, v }).0
}
