//! The studio surface, `/api/v1`: what OpenAI has no word for. A handler reads the request, calls one
//! use case, writes the answer.

mod account;
mod admin;
mod audit;
mod auth;
pub(crate) mod datasets;
mod deployments;
mod download;
mod evals;
mod events;
mod fsck;
mod jobs;
mod keys;
mod log;
mod models;
pub(crate) mod page;
mod projects;
mod runs;
mod second_factor;
mod tar;
mod usage;
mod users;

use crate::attach;
use crate::routes::{Policy, Routes};

/// Mounts the surface.
pub fn mount(routes: Routes) -> Routes {
    let routes = routes
        .programs()
        .get("/api/v1/me", Policy::Viewer, account::me)
        .get("/api/v1/attach", Policy::Local, attach::attach)
        .post(
            "/api/v1/sign-in-secrets",
            Policy::Local,
            account::sign_in_secret,
        )
        .post("/api/v1/fsck", Policy::Local, fsck::run)
        .get("/api/v1/audit", Policy::Owner, audit::list)
        .expensive()
        .get("/api/v1/audit/export", Policy::Owner, audit::export)
        .expensive()
        .post("/api/v1/audit/verify", Policy::Admin, audit::verify)
        .get("/api/v1/events", Policy::Viewer, events::stream)
        .get("/api/v1/usage", Policy::Viewer, usage::list)
        .get("/api/v1/keys", Policy::Viewer, keys::list)
        .post("/api/v1/keys", Policy::Editor, keys::create)
        .delete("/api/v1/keys/{id}", Policy::Editor, keys::revoke)
        .post("/api/v1/keys/{id}/rotate", Policy::Editor, keys::rotate)
        .get("/api/v1/admin/keys", Policy::Admin, admin::keys)
        .delete("/api/v1/admin/keys/{id}", Policy::Admin, admin::revoke)
        .kept()
        .get("/api/v1/models", Policy::Viewer, models::list)
        .expensive()
        .post("/api/v1/models", Policy::Editor, models::create)
        .kept()
        .get("/api/v1/models/{id}", Policy::Viewer, models::get)
        .delete("/api/v1/models/{id}", Policy::Editor, models::delete)
        .expensive()
        .post("/api/v1/models/{id}/share", Policy::Account, models::share)
        .expensive()
        .get(
            "/api/v1/models/{id}/download",
            Policy::Viewer,
            download::download,
        );
    mount_users(mount_tokens(mount_accounts(mount_work(mount_jobs(
        projects::mount(routes),
    )))))
}

fn mount_accounts(routes: Routes) -> Routes {
    routes
        .expensive()
        .post("/api/v1/auth/login", Policy::Public, auth::login)
        .post("/api/v1/auth/logout", Policy::Account, auth::logout)
        .expensive()
        .post("/api/v1/auth/register", Policy::Public, auth::register)
        .post("/api/v1/auth/verify", Policy::Public, auth::verify)
        .expensive()
        .post("/api/v1/auth/forgot", Policy::Public, auth::forgot)
        .expensive()
        .post("/api/v1/auth/reset", Policy::Public, auth::reset)
        .get("/api/v1/account", Policy::Account, account::get)
        .post("/api/v1/account", Policy::Account, account::update)
        .expensive()
        .post(
            "/api/v1/account/password",
            Policy::Account,
            account::password,
        )
        .get(
            "/api/v1/account/sessions",
            Policy::Account,
            account::sessions,
        )
        .delete(
            "/api/v1/account/sessions",
            Policy::Account,
            account::end_other_sessions,
        )
        .delete(
            "/api/v1/account/sessions/{id}",
            Policy::Account,
            account::end_session,
        )
}

fn mount_users(routes: Routes) -> Routes {
    routes
        .get("/api/v1/users", Policy::Admin, users::list)
        .post("/api/v1/users", Policy::Admin, users::create)
        .get("/api/v1/users/{id}", Policy::Admin, users::get)
        .post("/api/v1/users/{id}", Policy::Admin, users::update)
        .delete("/api/v1/users/{id}", Policy::Admin, users::delete)
        .post("/api/v1/users/{id}/reset", Policy::Admin, users::reset)
        .delete(
            "/api/v1/users/{id}/sessions",
            Policy::Admin,
            users::end_sessions,
        )
        .get("/api/v1/invitations", Policy::Admin, users::invitations)
        .post("/api/v1/invitations", Policy::Admin, users::invite)
        .delete(
            "/api/v1/invitations/{id}",
            Policy::Admin,
            users::revoke_invitation,
        )
}

fn mount_tokens(routes: Routes) -> Routes {
    routes
        .expensive()
        .post("/api/v1/auth/token", Policy::Public, auth::token)
        .post("/api/v1/auth/refresh", Policy::Public, auth::refresh)
        .post("/api/v1/auth/revoke", Policy::Public, auth::revoke)
        .get(
            "/api/v1/account/second-factor",
            Policy::Account,
            second_factor::get,
        )
        .post(
            "/api/v1/account/second-factor",
            Policy::Account,
            second_factor::offer,
        )
        .post(
            "/api/v1/account/second-factor/confirm",
            Policy::Account,
            second_factor::confirm,
        )
        .post(
            "/api/v1/account/second-factor/recovery-codes",
            Policy::Account,
            second_factor::recovery_codes,
        )
        .post(
            "/api/v1/account/second-factor/disable",
            Policy::Account,
            second_factor::disable,
        )
        .get(
            "/api/v1/account/identities",
            Policy::Account,
            second_factor::identities,
        )
}

fn mount_jobs(routes: Routes) -> Routes {
    routes
        .get("/api/v1/jobs", Policy::Viewer, jobs::list)
        .expensive()
        .post("/api/v1/jobs", Policy::Editor, jobs::create)
        .kept()
        .get("/api/v1/jobs/{id}", Policy::Viewer, jobs::get)
        .post("/api/v1/jobs/{id}/cancel", Policy::Editor, jobs::cancel)
        .get("/api/v1/jobs/{id}/logs", Policy::Viewer, jobs::logs)
        .get("/api/v1/jobs/{id}/events", Policy::Viewer, jobs::events)
        .get("/api/v1/jobs/{id}/ws", Policy::Viewer, jobs::socket)
}

fn mount_work(routes: Routes) -> Routes {
    routes
        .get("/api/v1/datasets", Policy::Viewer, datasets::list)
        .expensive()
        .upload("/api/v1/datasets", Policy::Editor, datasets::create)
        .kept()
        .get("/api/v1/datasets/{id}", Policy::Viewer, datasets::get)
        .delete("/api/v1/datasets/{id}", Policy::Editor, datasets::delete)
        .expensive()
        .post(
            "/api/v1/datasets/{id}/share",
            Policy::Account,
            datasets::share,
        )
        .get("/api/v1/datasets/{id}/rows", Policy::Viewer, datasets::rows)
        .get("/api/v1/runs", Policy::Viewer, runs::list)
        .expensive()
        .post("/api/v1/runs", Policy::Editor, runs::create)
        .kept()
        .get("/api/v1/runs/{id}", Policy::Viewer, runs::get)
        .post("/api/v1/runs/{id}/cancel", Policy::Editor, runs::cancel)
        .post("/api/v1/runs/{id}/pause", Policy::Editor, runs::pause)
        .post("/api/v1/runs/{id}/resume", Policy::Editor, runs::resume)
        .get("/api/v1/runs/{id}/events", Policy::Viewer, runs::events)
        .get("/api/v1/runs/{id}/ws", Policy::Viewer, runs::socket)
        .get("/api/v1/evals", Policy::Viewer, evals::list)
        .expensive()
        .post("/api/v1/evals", Policy::Editor, evals::create)
        .kept()
        .get("/api/v1/evals/{id}", Policy::Viewer, evals::get)
        .get("/api/v1/deployments", Policy::Viewer, deployments::list)
        .expensive()
        .post("/api/v1/deployments", Policy::Editor, deployments::create)
        .kept()
        .get("/api/v1/deployments/{id}", Policy::Viewer, deployments::get)
        .delete(
            "/api/v1/deployments/{id}",
            Policy::Editor,
            deployments::delete,
        )
}
