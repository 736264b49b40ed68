//! The upload form.

use askama::Template;

use crate::ui::frame::{At, Frame, Section};
use crate::ui::lang::Lang;
use crate::ui::parts::{Choice, Control, Field, FieldError};

/// What was filled in, and what is wrong with it.
#[derive(Debug, Clone, Default)]
pub struct UploadForm {
    /// Name of the data set; empty takes the file's.
    pub name: String,
    /// Column of the text; empty detects it.
    pub text_column: String,
    /// Column of the label; empty detects it.
    pub label_column: String,
    /// `auto`, `comma`, `tab`, `semicolon`, `pipe`.
    pub delimiter: String,
    /// `auto`, `yes`, `no`.
    pub header: String,
    /// `auto`, `yes`, `no`.
    pub quoting: String,
    /// `auto`, `utf-8`, `euc-kr`, `windows-1252`, `utf-16`.
    pub encoding: String,
    /// Largest file taken, bytes.
    pub max_bytes: u64,
    /// What is wrong; the field `file` stands for the file itself.
    pub errors: Vec<FieldError>,
    /// Name of the file that is tried again with other options.
    pub again: Option<String>,
}

#[derive(Template)]
#[template(path = "datasets/new.html")]
struct Page<'a> {
    f: &'a Frame,
    l: Lang,
    at: At,
    v: &'a UploadForm,
    name: Field,
    options: Vec<Field>,
    file_error: Option<&'a str>,
    open: bool,
}

fn choices(l: Lang, family: &str, values: &[&str]) -> Control {
    let choice = |value: &&str| Choice::new(*value, l.word(family, value));
    Control::Select(values.iter().map(choice).collect())
}

fn column(placeholder: &str) -> Control {
    Control::Text {
        placeholder: placeholder.to_owned(),
        max_length: 200,
    }
}

fn options(v: &UploadForm, l: Lang) -> Vec<Field> {
    let detected = l.t("upload.detected");
    let field = |name, label, help, control, key, value: &str| {
        let field = Field::new(name, label, help, control);
        field.key(key).value(value).checked(&v.errors)
    };
    let columns = [
        (
            "text_column",
            l.t("upload.text"),
            l.t("upload.text.help"),
            "--text-column",
            &v.text_column,
        ),
        (
            "label_column",
            l.t("upload.label"),
            l.t("upload.label.help"),
            "--label-column",
            &v.label_column,
        ),
    ];
    let mut fields: Vec<Field> = columns
        .into_iter()
        .map(|(name, label, help, key, value)| {
            field(name, label, help, column(detected), key, value)
        })
        .collect();
    for (name, label, help, key, value, values) in layout(v, l) {
        fields.push(field(
            name,
            label,
            help,
            choices(l, name, values),
            key,
            value,
        ));
    }
    fields
}

/// What is chosen of the file's layout: name, label, help, flag, value, and the values there are.
type Layout<'a> = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'a str,
    &'static [&'static str],
);

fn layout(v: &UploadForm, l: Lang) -> [Layout<'_>; 4] {
    let delimiters = &["auto", "comma", "tab", "semicolon", "pipe"];
    let encodings = &["auto", "utf-8", "euc-kr", "windows-1252", "utf-16"];
    let (delimiter, header) = (l.t("upload.delimiter"), l.t("upload.header"));
    let (quoting, encoding) = (l.t("upload.quoting"), l.t("upload.encoding"));
    let yes_no = &["auto", "yes", "no"];
    [
        (
            "delimiter",
            delimiter,
            l.t("upload.delimiter.help"),
            "--delimiter",
            &v.delimiter,
            delimiters,
        ),
        (
            "header",
            header,
            l.t("upload.header.help"),
            "--header",
            &v.header,
            yes_no,
        ),
        (
            "quoting",
            quoting,
            l.t("upload.quoting.help"),
            "--quoting",
            &v.quoting,
            yes_no,
        ),
        (
            "encoding",
            encoding,
            l.t("upload.encoding.help"),
            "--encoding",
            &v.encoding,
            encodings,
        ),
    ]
}

/// The page.
pub fn render(v: &UploadForm, f: &Frame) -> String {
    let l = f.lang;
    let base = &f.base_url;
    let at = At::within(Section::Data, l, l.t("datasets.upload")).code(
        format!(
            "curl {base}/api/v1/datasets \\\n  -H \"Authorization: Bearer $HANOK_KEY\" \\\n  -F name=reviews -F file=@reviews.csv"
        ),
        format!(
            "import os, requests\n\ndataset = requests.post(\n    \"{base}/api/v1/datasets\",\n    data={{\"name\": \"reviews\"}},\n    files={{\"file\": open(\"reviews.csv\", \"rb\")}},\n    headers={{\"Authorization\": f\"Bearer {{os.environ['HANOK_KEY']}}\"}},\n).json()"
        ),
        "hanok dataset import reviews.csv --name reviews".to_owned(),
    );
    let name = Field::new(
        "name",
        l.t("upload.name"),
        l.t("upload.name.help"),
        Control::Text {
            placeholder: String::new(),
            max_length: 120,
        },
    )
    .value(&v.name)
    .checked(&v.errors);
    let options = options(v, l);
    let file_error = v
        .errors
        .iter()
        .find(|e| e.field == "file")
        .map(|e| e.message.as_str());
    let open = v.again.is_some() || options.iter().any(|field| field.error.is_some());
    crate::ui::html(&Page {
        f,
        l,
        at,
        v,
        name,
        options,
        file_error,
        open,
    })
    .0
}
