//! Sample keys and projects for the pages.

use hanok_domain::fault::Fault;

use super::sample::{self, MINUTE, NOW};
use crate::ui::frame::Frame;
use crate::ui::keys::view::*;
use crate::ui::lang::Lang;
use crate::ui::projects::view::*;
use crate::ui::{keys as key_pages, projects as project_pages};

pub fn key(name: &str, scopes: &[&str]) -> KeyRow {
    KeyRow {
        id: format!("key_{name}"),
        name: name.to_owned(),
        prefix: "hk_4fQz81b".to_owned(),
        scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
        project: "proj_01jb3q8d1vxh2n5c7e9g0k4m6p".to_owned(),
        expires_at: Some(NOW + 43_200 * MINUTE),
        last_used_at: Some(NOW - 12 * MINUTE),
        from: "192.0.2.17".to_owned(),
        revoked: false,
        may_revoke: true,
        own: true,
    }
}

pub fn keys(of_all: bool) -> Keys {
    let idle = KeyRow {
        last_used_at: None,
        expires_at: None,
        own: false,
        ..key("<script>alert(1)</script>", &[])
    };
    let revoked = KeyRow {
        revoked: true,
        ..key("laptop", &["read-only"])
    };
    Keys {
        rows: vec![
            key(
                "nightly-evaluation",
                &["read-only", "route:/v1/chat/completions"],
            ),
            idle,
            revoked,
        ],
        may_edit: !of_all,
        of_all,
        ..Keys::default()
    }
}

pub fn keys_made() -> Keys {
    Keys {
        made: Some(Made {
            name: "nightly-evaluation".to_owned(),
            key: "hk_4fQz81bYtR0s7nKpLw2Vx9aMcE5gHj3dUoBq6iZ1T8f2Xy4Qe".to_owned(),
        }),
        ..keys(false)
    }
}

pub fn keys_wrong() -> Keys {
    Keys {
        fault: Some(Fault::invalid(
            "invalid_limit",
            "tokens_per_day is a whole number.",
        )),
        rows: Vec::new(),
        ..keys(false)
    }
}

fn row(name: &str, role: &str) -> ProjectRow {
    ProjectRow {
        id: format!("proj_{}", name.len()),
        name: name.to_owned(),
        role: role.to_owned(),
        created_at: NOW - 90_000 * MINUTE,
        ..ProjectRow::default()
    }
}

pub fn projects() -> Projects {
    let own = ProjectRow {
        personal: true,
        here: true,
        ..row("Personal", "owner")
    };
    let gone = ProjectRow {
        deleted_at: Some(NOW - 60 * MINUTE),
        ..row("Old experiments", "owner")
    };
    Projects {
        rows: vec![own, row("Support & <b>reviews</b>", "editor"), gone],
        fault: None,
    }
}

fn person(name: &str, role: &str, own: bool) -> Person {
    Person {
        id: format!("user_{name}"),
        name: name.to_owned(),
        role: role.to_owned(),
        own,
    }
}

pub fn project(owns: bool) -> ProjectPage {
    ProjectPage {
        project: row("Support reviews", if owns { "owner" } else { "viewer" }),
        people: vec![
            person("ann", "owner", owns),
            person("bo", "editor", false),
            person("min-ji", "viewer", !owns),
        ],
        programs: vec![person("nightly", "editor", false)],
        owns,
        made: owns.then(|| Made {
            name: "nightly".to_owned(),
            key: "hk_4fQz81bYtR0s7nKpLw2Vx9aMcE5gHj3dUoBq6iZ1T8f2Xy4Qe".to_owned(),
        }),
        fault: owns.then(|| Fault::not_found("user", "jo")),
    }
}

pub fn project_in_bin() -> ProjectPage {
    ProjectPage {
        project: ProjectRow {
            deleted_at: Some(NOW),
            ..row("Old experiments", "owner")
        },
        owns: true,
        ..ProjectPage::default()
    }
}

/// The pages, in every state.
pub fn pages(lang: Lang) -> Vec<(&'static str, String)> {
    let f = &Frame {
        others: vec![("proj_a".to_owned(), "Support reviews".to_owned())],
        admin: true,
        ..sample::frame(lang, "/projects")
    };
    let listed = |view| key_pages::view::render(&view, f);
    let shown = |view| project_pages::view::render_show(&view, f);
    vec![
        ("keys", listed(keys(false))),
        ("keys-made", listed(keys_made())),
        ("keys-wrong", listed(keys_wrong())),
        ("keys-admin", listed(keys(true))),
        ("projects", project_pages::view::render_list(&projects(), f)),
        ("project", shown(project(true))),
        ("project-viewer", shown(project(false))),
        ("project-bin", shown(project_in_bin())),
    ]
}
