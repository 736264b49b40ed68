//! What the pages of projects show.

use askama::Template;
use hanok_domain::fault::Fault;

use crate::ui::frame::{At, Crumb, Frame, Section};
use crate::ui::keys::view::Made;
use crate::ui::lang::Lang;
use crate::ui::parts::{CodeBlock, Confirm, FaultPanel};
use crate::ui::shell::quote;

/// Roles that a member can have.
const ROLES: [&str; 3] = ["owner", "editor", "viewer"];

/// A project.
#[derive(Debug, Clone, Default)]
pub struct ProjectRow {
    /// `proj_…`.
    pub id: String,
    /// As people see it.
    pub name: String,
    /// Whether it came with the account.
    pub personal: bool,
    /// What the person is in it; empty for an administrator who is no member.
    pub role: String,
    /// Whether the session is in it.
    pub here: bool,
    /// When it was made, µs.
    pub created_at: i64,
    /// When it was put into the bin, µs.
    pub deleted_at: Option<i64>,
}

/// The list.
#[derive(Debug, Clone, Default)]
pub struct Projects {
    /// The projects.
    pub rows: Vec<ProjectRow>,
    /// Why none was made.
    pub fault: Option<Fault>,
}

/// Somebody in a project.
#[derive(Debug, Clone, Default)]
pub struct Person {
    /// `user_…`.
    pub id: String,
    /// The name.
    pub name: String,
    /// `owner`, `editor` or `viewer`.
    pub role: String,
    /// Whether it is the person who looks.
    pub own: bool,
}

/// One project.
#[derive(Debug, Clone, Default)]
pub struct ProjectPage {
    /// The project.
    pub project: ProjectRow,
    /// The people in it.
    pub people: Vec<Person>,
    /// The programs in it.
    pub programs: Vec<Person>,
    /// Whether the person may change it.
    pub owns: bool,
    /// A program's key, shown this once.
    pub made: Option<Made>,
    /// Why something was not done.
    pub fault: Option<Fault>,
}

#[derive(Template)]
#[template(path = "projects/list.html")]
struct List<'a> {
    f: &'a Frame,
    l: Lang,
    at: At,
    v: &'a Projects,
}

#[derive(Template)]
#[template(path = "projects/show.html")]
struct Show<'a> {
    f: &'a Frame,
    l: Lang,
    at: At,
    v: &'a ProjectPage,
}

fn failure(l: Lang, fault: &Fault) -> FaultPanel<'_> {
    FaultPanel {
        l,
        title: l.t("projects.failed"),
        fault,
        file: "",
    }
}

/// A role in words.
fn role(l: Lang, role: &str) -> &str {
    match role {
        "owner" => l.t("projects.owner"),
        "editor" => l.t("projects.editor"),
        "viewer" => l.t("projects.viewer"),
        other => other,
    }
}

impl Projects {
    fn failure<'a>(&self, l: Lang, fault: &'a Fault) -> FaultPanel<'a> {
        failure(l, fault)
    }
}

impl ProjectRow {
    fn word(&self, l: Lang) -> &str {
        role(l, &self.role)
    }
}

/// One choice of a role.
struct Role {
    value: &'static str,
    word: String,
    chosen: bool,
}

impl ProjectPage {
    /// The roles to choose from, with the present one.
    fn roles(&self, l: Lang, present: &str) -> Vec<Role> {
        let choice = |value: &'static str| Role {
            value,
            word: role(l, value).to_owned(),
            chosen: value == present,
        };
        ROLES.map(choice).into()
    }

    fn failure<'a>(&self, l: Lang, fault: &'a Fault) -> FaultPanel<'a> {
        failure(l, fault)
    }

    /// Whether people can be added: a personal project is one person's.
    fn open(&self) -> bool {
        self.owns && !self.project.personal && self.project.deleted_at.is_none()
    }

    fn key(&self, l: Lang) -> Option<CodeBlock<'_>> {
        self.made.as_ref().map(|made| CodeBlock {
            l,
            tool: "API key",
            text: &made.key,
        })
    }
}

impl Person {
    fn word(&self, l: Lang) -> &str {
        role(l, &self.role)
    }

    fn remove<'a>(&self, l: Lang, f: &'a Frame, project: &ProjectRow) -> Confirm<'a> {
        let (open, question) = match self.own {
            true => (
                l.t("projects.leave"),
                l.t1("projects.leave.question", &project.name),
            ),
            false => (
                l.t("projects.remove"),
                l.t1("projects.remove.question", &self.name),
            ),
        };
        Confirm {
            action: format!("/projects/{}/members/{}/remove", project.id, self.id),
            csrf: &f.csrf,
            open,
            question,
            button: open,
        }
    }

    fn end<'a>(&self, l: Lang, f: &'a Frame, project: &ProjectRow) -> Confirm<'a> {
        Confirm {
            action: format!(
                "/projects/{}/service-accounts/{}/remove",
                project.id, self.id
            ),
            csrf: &f.csrf,
            open: l.t("projects.remove"),
            question: l.t1("projects.program.question", &self.name),
            button: l.t("projects.remove"),
        }
    }
}

/// The list.
pub fn render_list(v: &Projects, f: &Frame) -> String {
    let l = f.lang;
    let base = &f.base_url;
    let at = At::outside(l.t("projects.title")).code(
        format!("curl {base}/api/v1/projects -H \"Authorization: Bearer $HANOK_TOKEN\""),
        String::new(),
        "hanok project list".to_owned(),
    );
    crate::ui::html(&List { f, l, at, v }).0
}

/// One project.
pub fn render_show(v: &ProjectPage, f: &Frame) -> String {
    let l = f.lang;
    let mut at = At::outside(&v.project.name);
    at.crumbs = vec![
        Crumb {
            label: l.t("projects.title").to_owned(),
            href: Some("/projects".to_owned()),
        },
        Crumb {
            label: v.project.name.clone(),
            href: None,
        },
    ];
    let id = quote(&v.project.id);
    let base = &f.base_url;
    at = at.code(
        format!(
            "curl {base}/api/v1/projects/{id}/members -H \"Authorization: Bearer $HANOK_TOKEN\""
        ),
        String::new(),
        format!("hanok project member add {id} NAME --role editor"),
    );
    crate::ui::html(&Show { f, l, at, v }).0
}
