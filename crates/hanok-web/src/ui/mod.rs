//! Pages: what a person sees and clicks. `ui/<page>/view.rs` holds what a page shows and its
//! `render`; `ui/<page>/<action>.rs` are the handlers, which ask the studio and fill the view.
//! No rule of the product lives here, and no markup outside `templates/`.

pub mod accounts;
pub mod admin;
pub mod assets;
pub mod chart;
pub mod dashboard;
pub mod datasets;
pub mod deployments;
pub mod docs;
pub mod errors;
pub mod format;
pub mod frame;
pub mod keys;
pub mod lang;
pub mod layer;
pub mod live;
pub mod login;
pub mod models;
pub mod oidc;
pub mod parts;
pub mod playground;
pub mod projects;
pub mod routes;
pub mod runs;
pub mod second_factor;
mod shell;
pub mod visit;

#[cfg(test)]
mod tests;

/// Renders a template. Ours write only to memory, so that an error is a mistake of ours: it is
/// logged, and what was written so far is not shown.
pub(crate) fn html(template: &impl askama::Template) -> parts::Html {
    match template.render() {
        Ok(text) => parts::Html(text),
        Err(error) => {
            tracing::error!(%error, "a template did not render");
            parts::Html::default()
        }
    }
}
