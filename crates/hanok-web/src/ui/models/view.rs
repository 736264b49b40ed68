//! What the pages of models show.

use askama::Template;
use hanok_domain::fault::Fault;

use crate::ui::frame::{At, Frame, Section};
use crate::ui::lang::Lang;
use crate::ui::parts::{Confirm, Empty, FaultPanel, Pager, encode};
use crate::ui::shell::{literal, quote};

/// What a model's configuration says.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// For example `llama`; empty where it is not known.
    pub architecture: String,
    /// Weights in it.
    pub parameters: Option<u64>,
    /// Tokens that it reads at most.
    pub context: Option<u64>,
}

/// A row of the list.
#[derive(Debug, Clone, Default)]
pub struct ModelRow {
    /// `model_…`; empty for one that ships.
    pub id: String,
    /// The name by which it is called.
    pub name: String,
    /// What it was tuned from; empty for an imported one.
    pub base_model: String,
    /// `classifier`, `decoder`, `encoder` or `unknown`.
    pub kind: String,
    /// `importing`, `ready` or `failed`.
    pub state: String,
    /// What its configuration says.
    pub facts: Facts,
    /// Whether a run made it.
    pub tuned: bool,
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
    /// One's own.
    pub rows: Vec<ModelRow>,
    /// Those that ship.
    pub shipped: Vec<ModelRow>,
    /// Whether the person may change things.
    pub may_edit: bool,
    /// Whether this is not the first part.
    pub later: bool,
    /// Cursor of the next part.
    pub next: Option<String>,
}

/// Another model that has to do with one.
#[derive(Debug, Clone, Default)]
pub struct Related {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Steps trained, for a checkpoint.
    pub step: Option<u64>,
}

/// One model.
#[derive(Debug, Clone, Default)]
pub struct ModelShow {
    /// What the list shows of it.
    pub row: ModelRow,
    /// `hf`, `peft` or `head`.
    pub format: String,
    /// Whether it says itself how a conversation becomes a text.
    pub has_chat_template: bool,
    /// Why it cannot be used.
    pub fault: Option<Fault>,
    /// Its files: path and bytes.
    pub files: Vec<(String, u64)>,
    /// Its classes.
    pub labels: Vec<String>,
    /// Id of what it was tuned from, if that is a model of one's own.
    pub base: Option<String>,
    /// The run that made it: id and name.
    pub run: Option<(String, String)>,
    /// The data set that it was tuned on: id and name.
    pub dataset: Option<(String, String)>,
    /// Other models of its run: checkpoints, and what came at the end.
    pub siblings: Vec<Related>,
    /// Models that were tuned from it.
    pub tuned: Vec<Related>,
    /// Size of its files.
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

#[derive(Template)]
#[template(path = "models/body.html")]
struct Body<'a> {
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
            action: self
                .may_edit
                .then(|| (l.t("models.import"), "/models/import")),
            example: "hanok model import DIRECTORY",
        }
    }
}

impl ModelRow {
    /// Whether the playground has a use for it.
    pub fn can_talk(&self) -> bool {
        self.answers() && (self.kind == "decoder" || self.kind == "classifier")
    }

    /// Whether it answers requests: a tuned one must be deployed, the others always do.
    pub fn answers(&self) -> bool {
        self.state == "ready" && (self.deployed || !self.tuned)
    }

    /// Its state; a ready one that is served says so.
    fn badge(&self) -> &str {
        match self.state.as_str() {
            "ready" if self.deployed => "served",
            state => state,
        }
    }

    fn can_be_deployed(&self) -> bool {
        self.state == "ready" && self.tuned && !self.deployed
    }

    fn playground(&self) -> String {
        format!("/playground?model={}", encode(&self.name))
    }
}

impl ModelShow {
    /// Where the form that shares it goes to.
    fn share(&self) -> String {
        format!("/models/{}/share", self.row.id)
    }

    /// Whether its files are still read.
    pub fn is_importing(&self) -> bool {
        self.row.state == "importing"
    }

    fn failure<'a>(&self, l: Lang, fault: &'a Fault) -> FaultPanel<'a> {
        FaultPanel {
            l,
            title: l.t("models.failed"),
            fault,
            file: "",
        }
    }

    fn delete<'a>(&self, l: Lang, f: &'a Frame) -> Confirm<'a> {
        Confirm {
            action: format!("/models/{}/delete", self.row.id),
            csrf: &f.csrf,
            open: l.t("word.delete"),
            question: l.t1("models.delete.question", &self.row.name),
            button: l.t("models.delete.button"),
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
        format!("hanok chat {} -m {}", quote(model), quote(text)),
    )
}

/// Adds how to have vectors from an encoder.
fn embed_code(at: At, base: &str, model: &str, text: &str) -> At {
    let message = serde_json::json!({ "model": model, "input": text });
    at.code(
        format!(
            "curl {base}/v1/embeddings \\\n  -H \"Authorization: Bearer $HANOK_KEY\" \\\n  -H \"Content-Type: application/json\" \\\n  -d {}",
            quote(&message.to_string())
        ),
        format!(
            "import os\nfrom openai import OpenAI\n\nclient = OpenAI(base_url=\"{base}/v1\", api_key=os.environ[\"HANOK_KEY\"])\nanswer = client.embeddings.create(model={}, input={})\nprint(answer.data[0].embedding)",
            literal(model),
            literal(text)
        ),
        format!("hanok embed {} {}", quote(model), quote(text)),
    )
}

fn at_of(v: &ModelShow, f: &Frame) -> At {
    let l = f.lang;
    let text = match v.example.is_empty() {
        true => l.t("models.example"),
        false => v.example.as_str(),
    };
    let at = At::within(Section::Models, l, &v.row.name);
    let at = match v.row.kind.as_str() {
        "encoder" => embed_code(at, &f.base_url, &v.row.name, text),
        _ => call_code(at, &f.base_url, &v.row.name, text),
    };
    match v.is_importing() {
        true => at.live(&format!("/models/{}/live", v.row.id), ""),
        false => at,
    }
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
        "hanok model list".to_owned(),
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
    let (l, at) = (f.lang, at_of(v, f));
    crate::ui::html(&ShowPage { f, l, at, v }).0
}

/// What changes while its files are read: id `model`.
pub fn body(v: &ModelShow, f: &Frame) -> String {
    let (l, at) = (f.lang, at_of(v, f));
    crate::ui::html(&Body { f, l, at, v }).0
}
