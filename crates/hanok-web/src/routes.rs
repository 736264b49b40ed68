//! The default-deny router: a route declares its policy or it does not mount.
//! Every surface mounts through [`Routes`], so one table knows all routes.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware;
use axum::routing::{MethodRouter, on};

use crate::access::guard::{GuardState, guard};
use crate::answer;
use crate::app::App;
use crate::door;
use crate::gate::Class;

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Anybody.
    Public,
    /// A member of the project with at least the right to read.
    Viewer,
    /// A member of the project with the right to change things.
    Editor,
    /// The project's owner, or an administrator.
    Owner,
    /// Whoever is signed in, whatever their role in the project; no API key, which is not a person.
    Account,
    /// An administrator of the installation.
    Admin,
    /// Anybody on this machine's loopback; elsewhere a member with the right to read.
    Near,
    /// Anybody on this machine's loopback; elsewhere the metrics token, or an administrator.
    Scrape,
    /// A worker with the worker token.
    Worker,
    /// A command on the same machine with the token of the lock file.
    Local,
}

/// One mounted route.
#[derive(Debug, Clone)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path in axum's syntax.
    pub path: &'static str,
    /// Who may call it.
    pub policy: Policy,
    /// Whether it answers people (pages) rather than programs.
    pub page: bool,
    /// What it costs.
    pub class: Class,
}

/// Collects routes with their policies.
pub struct Routes {
    app: App,
    router: Router<App>,
    table: Vec<Route>,
    page: bool,
    next: Option<Class>,
    kept: bool,
}

impl Routes {
    /// An empty set.
    pub fn new(app: App) -> Self {
        Self {
            app,
            router: Router::new(),
            table: Vec::new(),
            page: false,
            next: None,
            kept: false,
        }
    }

    /// Routes mounted from here on answer people: a missing session leads to `/login`.
    #[must_use]
    pub fn pages(mut self) -> Self {
        self.page = true;
        self
    }

    /// Routes mounted from here on answer programs.
    #[must_use]
    pub fn programs(mut self) -> Self {
        self.page = false;
        self
    }

    /// The next route begins work or moves much.
    #[must_use]
    pub fn expensive(mut self) -> Self {
        self.next = Some(Class::Expensive);
        self
    }

    /// The next route calls a model.
    #[must_use]
    pub fn inference(mut self) -> Self {
        self.next = Some(Class::Inference);
        self
    }

    /// The next route is not counted.
    #[must_use]
    pub fn uncounted(mut self) -> Self {
        self.next = Some(Class::Exempt);
        self
    }

    /// Clients may keep the answer of the next route, and ask whether it has changed.
    #[must_use]
    pub fn kept(mut self) -> Self {
        self.kept = true;
        self
    }

    /// Mounts a GET route (HEAD is answered by it too).
    #[must_use]
    pub fn get<H, T>(self, path: &'static str, policy: Policy, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.mount(Method::GET, path, policy, handler)
    }

    /// Mounts a POST route.
    #[must_use]
    pub fn post<H, T>(self, path: &'static str, policy: Policy, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.mount(Method::POST, path, policy, handler)
    }

    /// Mounts a POST route whose body is streamed under the upload limit instead of the ordinary one.
    #[must_use]
    pub fn upload<H, T>(self, path: &'static str, policy: Policy, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        let handler = handler.layer(DefaultBodyLimit::disable());
        self.mount_as(true, Method::POST, path, policy, handler)
    }

    /// Mounts a DELETE route.
    #[must_use]
    pub fn delete<H, T>(self, path: &'static str, policy: Policy, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.mount(Method::DELETE, path, policy, handler)
    }

    fn mount<H, T>(self, method: Method, path: &'static str, policy: Policy, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.mount_as(false, method, path, policy, handler)
    }

    fn mount_as<H, T>(
        mut self,
        upload: bool,
        method: Method,
        path: &'static str,
        policy: Policy,
        handler: H,
    ) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        let class = self.next.take().unwrap_or(Class::General);
        let kept = std::mem::take(&mut self.kept);
        if self.app.config.protection.rooms.closed(path).is_some() {
            return self;
        }
        let state = GuardState {
            app: self.app.clone(),
            policy,
            page: self.page,
            class,
            upload,
            kept,
            offers: answer::offers(method.as_str(), path, class).into(),
        };
        let filter = axum::routing::MethodFilter::try_from(method.clone())
            .expect("only GET, POST and DELETE are mounted here");
        let guarded: MethodRouter<App> =
            on(filter, handler).route_layer(middleware::from_fn_with_state(state, guard));
        self.router = self.router.route(path, guarded);
        self.table.push(Route {
            method,
            path,
            policy,
            page: self.page,
            class,
        });
        self
    }

    /// The router and the table of what is in it.
    pub fn finish(self) -> (Router<App>, Vec<Route>) {
        let router = self.router.method_not_allowed_fallback(door::no_method);
        (router, self.table)
    }
}
