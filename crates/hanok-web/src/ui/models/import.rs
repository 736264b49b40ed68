//! `GET /models/import`: the form with which a model's directory is uploaded. The files go to `/v1/files`
//! one by one, then `/api/v1/models` makes a model of them; `import.js` does both, as any client would.

use askama::Template;
use axum::extract::State;
use axum::response::Html;

use crate::app::App;
use crate::ui::frame::{At, Frame, Section};
use crate::ui::lang::Lang;
use crate::ui::visit::Visit;

/// What the form needs to know.
#[derive(Debug, Clone, Copy)]
pub struct ImportForm {
    /// Largest file taken, bytes.
    pub max_bytes: u64,
}

#[derive(Template)]
#[template(path = "models/import.html")]
struct Page<'a> {
    f: &'a Frame,
    l: Lang,
    at: At,
    v: ImportForm,
}

/// The page.
pub async fn import(State(app): State<App>, Visit(frame): Visit) -> Html<String> {
    let form = ImportForm {
        max_bytes: app.config.max_upload,
    };
    Html(render(form, &frame))
}

/// The page for a form.
pub fn render(v: ImportForm, f: &Frame) -> String {
    let l = f.lang;
    let base = &f.base_url;
    let at = At::within(Section::Models, l, l.t("models.import")).code(
        format!(
            "curl {base}/v1/files -H \"Authorization: Bearer $HANOK_KEY\" \\\n  -F purpose=model -F file=@my-model/config.json\n# … each file, then:\ncurl {base}/api/v1/models \\\n  -H \"Authorization: Bearer $HANOK_KEY\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{{\"name\": \"my-model\", \"files\": [{{\"path\": \"config.json\", \"file_id\": \"file-…\"}}]}}'"
        ),
        format!(
            "import os, pathlib, requests\n\nbase = \"{base}\"\nheaders = {{\"Authorization\": f\"Bearer {{os.environ['HANOK_KEY']}}\"}}\nfiles = []\nfor path in pathlib.Path(\"my-model\").iterdir():\n    if path.suffix in (\".json\", \".safetensors\", \".jinja\"):\n        sent = requests.post(f\"{{base}}/v1/files\", headers=headers,\n            data={{\"purpose\": \"model\"}}, files={{\"file\": path.open(\"rb\")}}).json()\n        files.append({{\"path\": path.name, \"file_id\": sent[\"id\"]}})\nmodel = requests.post(f\"{{base}}/api/v1/models\", headers=headers,\n    json={{\"name\": \"my-model\", \"files\": files}}).json()"
        ),
        "hanok model import my-model".to_owned(),
    );
    crate::ui::html(&Page { f, l, at, v }).0
}
