//! Where the pages are, and who may see them.

use super::accounts::{account, forgot, register, reset, verify};
use super::admin::{self, users};
use super::{
    assets, dashboard, datasets, deployments, keys, login, models, oidc, playground, projects,
    runs, second_factor,
};
use crate::routes::{Policy, Routes};

/// Mounts the pages.
pub fn mount(routes: Routes) -> Routes {
    let routes = routes
        .pages()
        .uncounted()
        .get("/static/{hash}/{name}", Policy::Public, assets::serve)
        .get("/login", Policy::Public, login::show::show)
        .expensive()
        .post("/login", Policy::Public, login::sign_in::sign_in)
        .post("/logout", Policy::Viewer, login::sign_out::sign_out)
        .get("/", Policy::Viewer, dashboard::show::show)
        .get("/live", Policy::Viewer, dashboard::live::live);
    administration(members(people(proof(serving(training(data(routes)))))))
}

fn administration(routes: Routes) -> Routes {
    routes
        .get("/admin/audit", Policy::Admin, admin::audit::list::list)
        .expensive()
        .post(
            "/admin/audit/verify",
            Policy::Admin,
            admin::audit::verify::verify,
        )
}

fn people(routes: Routes) -> Routes {
    routes
        .get("/register", Policy::Public, register::show)
        .expensive()
        .post("/register", Policy::Public, register::register)
        .get("/verify", Policy::Public, verify::show)
        .post("/verify", Policy::Public, verify::verify)
        .get("/forgot", Policy::Public, forgot::show)
        .expensive()
        .post("/forgot", Policy::Public, forgot::forgot)
        .get("/reset", Policy::Public, reset::show)
        .expensive()
        .post("/reset", Policy::Public, reset::reset)
        .get("/account", Policy::Account, account::show)
        .post("/account", Policy::Account, account::rename)
        .expensive()
        .post("/account/password", Policy::Account, account::password)
        .post(
            "/account/sessions/end",
            Policy::Account,
            account::end_others,
        )
        .post("/account/sessions/{id}/end", Policy::Account, account::end)
        .get("/admin/users", Policy::Admin, users::list::list)
        .post("/admin/users", Policy::Admin, users::change::create)
        .post("/admin/users/{id}", Policy::Admin, users::change::change)
        .post("/admin/invitations", Policy::Admin, users::invite::invite)
        .post(
            "/admin/invitations/{id}/revoke",
            Policy::Admin,
            users::invite::revoke,
        )
}

fn proof(routes: Routes) -> Routes {
    let factor = "/account/second-factor";
    routes
        .get("/auth/oidc/start", Policy::Public, oidc::start::start)
        .get(
            "/auth/oidc/callback",
            Policy::Public,
            oidc::callback::callback,
        )
        .post("/account/identities", Policy::Account, oidc::link::link)
        .get(factor, Policy::Account, second_factor::show::show)
        .post(factor, Policy::Account, second_factor::offer::offer)
        .post(
            "/account/second-factor/confirm",
            Policy::Account,
            second_factor::confirm::confirm,
        )
        .post(
            "/account/second-factor/recovery-codes",
            Policy::Account,
            second_factor::recovery_codes::renew,
        )
        .post(
            "/account/second-factor/disable",
            Policy::Account,
            second_factor::disable::disable,
        )
}

fn data(routes: Routes) -> Routes {
    routes
        .get("/datasets", Policy::Viewer, datasets::list::list)
        .expensive()
        .upload("/datasets", Policy::Editor, datasets::create::create)
        .get("/datasets/new", Policy::Editor, datasets::new::new)
        .get("/datasets/{id}", Policy::Viewer, datasets::show::show)
        .get("/datasets/{id}/live", Policy::Viewer, datasets::live::live)
        .expensive()
        .post(
            "/datasets/{id}/share",
            Policy::Account,
            datasets::share::share,
        )
        .post(
            "/datasets/{id}/delete",
            Policy::Editor,
            datasets::delete::delete,
        )
}

fn training(routes: Routes) -> Routes {
    routes
        .get("/runs", Policy::Viewer, runs::list::list)
        .expensive()
        .post("/runs", Policy::Editor, runs::create::create)
        .get("/runs/new", Policy::Editor, runs::new::new)
        .get("/runs/{id}", Policy::Viewer, runs::show::show)
        .get("/runs/{id}/live", Policy::Viewer, runs::live::live)
        .get("/runs/{id}/metrics.csv", Policy::Viewer, runs::csv::csv)
        .post("/runs/{id}/cancel", Policy::Editor, runs::cancel::cancel)
        .post("/runs/{id}/pause", Policy::Editor, runs::pause::pause)
        .post("/runs/{id}/resume", Policy::Editor, runs::pause::resume)
        .expensive()
        .post("/runs/{id}/retry", Policy::Editor, runs::retry::retry)
}

fn serving(routes: Routes) -> Routes {
    routes
        .get("/models", Policy::Viewer, models::list::list)
        .get("/models/import", Policy::Editor, models::import::import)
        .get("/models/{id}", Policy::Viewer, models::show::show)
        .get("/models/{id}/live", Policy::Viewer, models::live::live)
        .expensive()
        .post("/models/{id}/share", Policy::Account, models::share::share)
        .post(
            "/models/{id}/delete",
            Policy::Editor,
            models::delete::delete,
        )
        .get("/playground", Policy::Viewer, playground::show::show)
        .get("/deployments", Policy::Viewer, deployments::list::list)
        .expensive()
        .post("/deployments", Policy::Editor, deployments::create::create)
        .inference()
        .post(
            "/deployments/try",
            Policy::Viewer,
            deployments::attempt::attempt,
        )
        .post(
            "/deployments/{id}/stop",
            Policy::Editor,
            deployments::stop::stop,
        )
}

fn members(routes: Routes) -> Routes {
    use projects::{act, people as inside};
    routes
        .get("/keys", Policy::Viewer, keys::list::list)
        .post("/keys", Policy::Editor, keys::create::create)
        .post("/keys/{id}/revoke", Policy::Editor, keys::revoke::revoke)
        .post("/keys/{id}/rotate", Policy::Editor, keys::rotate::rotate)
        .get("/admin/keys", Policy::Admin, keys::admin::list)
        .post(
            "/admin/keys/{id}/revoke",
            Policy::Admin,
            keys::admin::revoke,
        )
        .get("/projects", Policy::Account, projects::list::list)
        .post("/projects", Policy::Account, projects::create::create)
        .get("/projects/{id}", Policy::Account, projects::show::show)
        .post("/projects/{id}", Policy::Account, act::rename)
        .post("/projects/{id}/select", Policy::Account, act::select)
        .post("/projects/{id}/delete", Policy::Account, act::delete)
        .post("/projects/{id}/restore", Policy::Account, act::restore)
        .post("/projects/{id}/members", Policy::Account, inside::add)
        .post(
            "/projects/{id}/members/{user}",
            Policy::Account,
            inside::change,
        )
        .post(
            "/projects/{id}/members/{user}/remove",
            Policy::Account,
            inside::remove,
        )
        .post(
            "/projects/{id}/service-accounts",
            Policy::Account,
            inside::add_program,
        )
        .post(
            "/projects/{id}/service-accounts/{user}/remove",
            Policy::Account,
            inside::remove_program,
        )
}
