//! What holds of every page: strict policy, forms that carry their token, labels, size.

use std::collections::BTreeSet;

use hanok_studio::audit::actions;

use super::{sample, sample_audit, sample_models, sample_people, sample_second_factor};
use crate::ui::admin::audit::view::AuditLog;
use crate::ui::datasets::form::UploadForm;
use crate::ui::datasets::view::DatasetList;
use crate::ui::deployments::view::Deployments;
use crate::ui::errors::ErrorView;
use crate::ui::frame::Frame;
use crate::ui::lang::Lang;
use crate::ui::login::view::LoginView;
use crate::ui::models::import::ImportForm;
use crate::ui::models::view::ModelList;
use crate::ui::oidc::view::OnwardView;
use crate::ui::parts::FieldError;
use crate::ui::playground::view::Playground;
use crate::ui::runs::form::RunForm;
use crate::ui::runs::overview::RunList;
use crate::ui::{
    admin, assets, dashboard, datasets, deployments, docs, errors, login, models, oidc, playground,
    runs,
};

fn bare(lang: Lang) -> Frame {
    Frame {
        user: None,
        ..sample::frame(lang, "/login")
    }
}

fn error(field: &str, message: &str) -> FieldError {
    FieldError {
        field: field.to_owned(),
        message: message.to_owned(),
    }
}

fn outside(lang: Lang) -> Vec<(&'static str, String)> {
    let problem = |status| ErrorView {
        status,
        message: String::new(),
        remedy: String::new(),
        request_id: "req_01jb3q8d1vxh2n5c7e9g0k4m6p".to_owned(),
    };
    let wrong = LoginView {
        error: Some("This secret is not valid or was used before.".to_owned()),
        ..LoginView::default()
    };
    let provider = LoginView {
        provider: Some("Example ID".to_owned()),
        ..LoginView::default()
    };
    let onward = OnwardView {
        to: "/runs?a=b&c=d".to_owned(),
    };
    vec![
        (
            "docs",
            docs::view::render(&document(), "", &sample::frame(lang, "/docs")),
        ),
        (
            "login",
            login::view::render(&LoginView::default(), &bare(lang)),
        ),
        ("login-wrong", login::view::render(&wrong, &bare(lang))),
        (
            "login-provider",
            login::view::render(&provider, &bare(lang)),
        ),
        ("onward", oidc::view::render(&onward, &bare(lang))),
        (
            "error-403",
            errors::render(&problem(403), &sample::frame(lang, "/")),
        ),
        (
            "error-404",
            errors::render(&problem(404), &sample::frame(lang, "/")),
        ),
        (
            "error-500",
            errors::render(&problem(500), &sample::frame(lang, "/")),
        ),
    ]
}

fn data(lang: Lang) -> Vec<(&'static str, String)> {
    let f = &sample::frame(lang, "/datasets");
    let wrong = UploadForm {
        max_bytes: 512_000_000,
        errors: vec![
            error("file", "reviews.xlsx is not CSV, TSV or JSONL."),
            error("text_column", "There is no column 'body'."),
        ],
        ..UploadForm::default()
    };
    let again = UploadForm {
        again: Some("support-messages.csv".to_owned()),
        ..UploadForm::default()
    };
    vec![
        (
            "datasets-empty",
            datasets::view::render_list(&DatasetList::default(), f),
        ),
        (
            "datasets",
            datasets::view::render_list(&sample::dataset_list(), &sample::flash(f.clone())),
        ),
        (
            "dataset-new",
            datasets::form::render(
                &UploadForm {
                    max_bytes: 512_000_000,
                    ..UploadForm::default()
                },
                f,
            ),
        ),
        ("dataset-new-wrong", datasets::form::render(&wrong, f)),
        ("dataset-again", datasets::form::render(&again, f)),
        (
            "dataset-importing",
            datasets::view::render_show(&sample::dataset("importing"), f),
        ),
        (
            "dataset-failed",
            datasets::view::render_show(&sample::dataset_failed(), f),
        ),
        (
            "dataset",
            datasets::view::render_show(&sample::dataset_ready(), f),
        ),
    ]
}

/// The description of an API of one route.
fn document() -> serde_json::Value {
    let route = crate::routes::Route {
        class: crate::gate::Class::General,
        method: axum::http::Method::POST,
        path: "/api/v1/jobs",
        policy: crate::routes::Policy::Editor,
        page: false,
    };
    crate::openapi::describe(&[route], "0.0.0")
}

fn work(lang: Lang) -> Vec<(&'static str, String)> {
    let f = &sample::frame(lang, "/runs");
    let rows = sample::dashboard(lang).recent;
    let form = RunForm {
        datasets: vec![("ds_a".to_owned(), "support messages (2,100)".to_owned())],
        choices: vec![
            (
                "head:hanok-encoder".to_owned(),
                "hanok-encoder · head".to_owned(),
            ),
            ("lora:tiny-bert".to_owned(), "tiny-bert · LoRA".to_owned()),
        ],
        dataset: "ds_a".to_owned(),
        kind: "classification".to_owned(),
        epochs: "0".to_owned(),
        learning_rate: "0.01".to_owned(),
        held_out: "0.2".to_owned(),
        errors: vec![error("epochs", "Epochs are at least 1.")],
        ..RunForm::default()
    };
    let nomodel = RunForm {
        choices: Vec::new(),
        kind: "messages".to_owned(),
        errors: Vec::new(),
        ..form.clone()
    };
    let mut log_scale = sample::run("running");
    log_scale.log_scale = true;
    let mut queued = sample::run("queued");
    queued.metrics.clear();
    queued.total_steps = None;
    vec![
        (
            "dashboard-empty",
            dashboard::view::render(&sample::dashboard_empty(), &sample::frame(lang, "/")),
        ),
        (
            "dashboard",
            dashboard::view::render(&sample::dashboard(lang), &sample::frame(lang, "/")),
        ),
        (
            "dashboard-text",
            dashboard::view::render(&sample_models::dashboard(lang), &sample::frame(lang, "/")),
        ),
        (
            "runs-empty",
            runs::overview::render_list(&RunList::default(), f),
        ),
        (
            "runs",
            runs::overview::render_list(
                &RunList {
                    rows,
                    ..RunList::default()
                },
                f,
            ),
        ),
        ("run-new", runs::form::render(&form, f)),
        ("run-queued", runs::view::render_show(&queued, f)),
        (
            "run-running",
            runs::view::render_show(&sample::run("running"), f),
        ),
        ("run-log-scale", runs::view::render_show(&log_scale, f)),
        (
            "run-failed",
            runs::view::render_show(&sample::run_failed(), f),
        ),
        ("run-done", runs::view::render_show(&sample::run_done(), f)),
        (
            "run-text",
            runs::view::render_show(&sample_models::run_text(), f),
        ),
        ("run-new-nomodel", runs::form::render(&nomodel, f)),
    ]
}

fn serving(lang: Lang) -> Vec<(&'static str, String)> {
    let f = &sample::frame(lang, "/models");
    let empty = ModelList {
        shipped: sample_models::shipped(),
        may_edit: true,
        ..ModelList::default()
    };
    let list = ModelList {
        rows: vec![
            sample_models::decoder_row("importing"),
            sample_models::decoder_row("ready"),
            sample_models::model_row(true),
            sample_models::model_row(false),
        ],
        ..empty.clone()
    };
    let form = ImportForm {
        max_bytes: 512_000_000,
    };
    vec![
        ("models-empty", models::view::render_list(&empty, f)),
        ("models", models::view::render_list(&list, f)),
        ("model-import", models::import::render(form, f)),
        (
            "model-importing",
            models::view::render_show(&sample_models::decoder("importing"), f),
        ),
        (
            "model-failed",
            models::view::render_show(&sample_models::decoder_failed(), f),
        ),
        (
            "model-decoder",
            models::view::render_show(&sample_models::decoder("ready"), f),
        ),
        (
            "playground-empty",
            playground::view::render(&Playground::default(), f),
        ),
        (
            "playground",
            playground::view::render(&sample_models::playground(), f),
        ),
        (
            "model",
            models::view::render_show(&sample_models::model(true), f),
        ),
        (
            "model-undeployed",
            models::view::render_show(&sample_models::model(false), f),
        ),
        (
            "deployments-empty",
            deployments::view::render(&Deployments::default(), f),
        ),
        (
            "deployments",
            deployments::view::render(&sample::deployments(), f),
        ),
    ]
}

fn administration(lang: Lang) -> Vec<(&'static str, String)> {
    let mut frame = sample::frame(lang, "/admin/audit");
    frame.admin = true;
    let page = |view: &AuditLog| admin::audit::view::render(view, &frame);
    vec![
        ("audit-empty", page(&AuditLog::default())),
        ("audit", page(&sample_audit::log())),
        ("audit-broken", page(&sample_audit::broken())),
        ("audit-wrong", page(&sample_audit::wrong())),
    ]
}

fn pages(lang: Lang) -> Vec<(&'static str, String)> {
    let second_factor = sample_second_factor::pages(lang);
    [
        outside(lang),
        data(lang),
        work(lang),
        serving(lang),
        administration(lang),
        sample_people::pages(lang),
        second_factor,
    ]
    .concat()
}

fn each(check: impl Fn(&str, &str)) {
    for lang in Lang::ALL {
        for (name, html) in pages(lang) {
            check(&format!("{name} ({})", lang.code()), &html);
        }
    }
}

/// The values of an attribute, in order.
fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    let rest = html.split(start.as_str()).skip(1);
    rest.filter_map(|part| part.split('"').next()).collect()
}

#[test]
fn nothing_needs_a_looser_policy_than_self() {
    each(|name, html| {
        assert!(
            html.starts_with("<!doctype html>") && html.trim_end().ends_with("</html>"),
            "{name}"
        );
        for forbidden in [
            " style=\"",
            "<style",
            " onclick=",
            " onload=",
            "javascript:",
            "<script>",
            "https://",
        ] {
            assert!(!html.contains(forbidden), "{name} contains {forbidden}");
        }
    });
}

#[test]
fn no_template_has_a_script_or_a_style_of_its_own() {
    let mut folders = vec![concat!(env!("CARGO_MANIFEST_DIR"), "/templates").into()];
    let mut read = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir::<std::path::PathBuf>(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap().to_lowercase();
            for forbidden in [
                "style=",
                "<style",
                "<script>",
                "javascript:",
                "|safe",
                " on",
            ] {
                let found = match forbidden {
                    " on" => text.split(" on").skip(1).any(|rest| {
                        let name = rest.find(|c: char| !c.is_ascii_alphabetic());
                        name.is_some_and(|end| rest[end..].starts_with("=\""))
                    }),
                    _ => text.contains(forbidden),
                };
                assert!(!found, "{} has {forbidden}", path.display());
            }
            read += 1;
        }
    }
    assert!(read > 20, "{read} templates");
}

#[test]
fn every_form_that_changes_something_carries_the_token() {
    each(|name, html| {
        for form in html.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap();
            if form.contains("method=\"post\"") {
                assert!(
                    form.contains(r#"name="csrf" value="a-csrf-token""#),
                    "{name}: {form}"
                );
            }
        }
    });
}

#[test]
fn ids_are_unique_and_labels_and_links_find_theirs() {
    each(|name, html| {
        let ids = attributes(html, "id");
        let unique: BTreeSet<_> = ids.iter().collect();
        assert_eq!(ids.len(), unique.len(), "{name}: {ids:?}");
        for target in ["for", "aria-labelledby"]
            .iter()
            .flat_map(|a| attributes(html, a))
        {
            assert!(
                unique.contains(&target),
                "{name}: nothing has the id {target}"
            );
        }
        for href in attributes(html, "href") {
            if let Some(id) = href.strip_prefix('#') {
                assert!(unique.contains(&id), "{name}: link to #{id}");
            }
        }
    });
}

#[test]
fn a_first_page_with_its_files_is_under_100_kb() {
    let files: usize = assets::ASSETS.iter().map(|asset| asset.bytes.len()).sum();
    each(|name, html| {
        assert!(
            html.len() + files < 100_000,
            "{name}: {} bytes",
            html.len() + files
        )
    });
}

#[test]
fn what_people_wrote_is_text_and_every_word_has_its_sentence() {
    each(|name, html| {
        assert!(!html.contains("<script>alert"), "{name}");
        for family in [
            "word",
            "nav",
            "datasets",
            "runs",
            "eval",
            "state",
            "error",
            "upload",
            "unit",
            "time",
            "models",
            "playground",
            "kind",
            "format",
            "method",
            "speaker",
            "figure",
        ] {
            let leak = html.split(|c: char| !(c.is_ascii_alphanumeric() || "._".contains(c)));
            let mut leak = leak.filter(|word| {
                let rest = word
                    .strip_prefix(family)
                    .and_then(|rest| rest.strip_prefix('.'));
                // A sentence may end in the word, a script or a kind of job be called by it, or an action.
                let named = actions::is_known(word);
                rest.is_some_and(|rest| !named && !["", "js", "run", "run."].contains(&rest))
            });
            assert_eq!(leak.next(), None, "{name}: a key stands in the page");
        }
        assert!(
            !html.contains("{0}") && !html.contains("{1}"),
            "{name}: an unfilled place"
        );
    });
}

/// For looking at: `HANOK_PAGES_OUT=folder` writes every page and file there.
#[test]
fn pages_can_be_written_to_a_folder() {
    let Ok(folder) = std::env::var("HANOK_PAGES_OUT") else {
        return;
    };
    let folder = std::path::Path::new(&folder);
    for asset in &assets::ASSETS {
        let file = folder.join(&assets::path(asset.name)[1..]);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, asset.bytes).unwrap();
    }
    for lang in Lang::ALL {
        for (name, html) in pages(lang) {
            std::fs::write(folder.join(format!("{name}.{}.html", lang.code())), html).unwrap();
        }
    }
}
