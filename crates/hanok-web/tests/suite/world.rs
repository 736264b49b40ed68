//! A router over a studio on SQLite, with an administrator, and short ways to call it.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use hanok_blobs::Objects;
use hanok_store::{Store, StoreConfig};
use hanok_studio::access::Origin;
use hanok_studio::accounts::{AccountSettings, Credentials, Pepper};
use hanok_studio::keys::NewKey;
use hanok_studio::models::Starter;
use hanok_studio::{Studio, StudioParts, Timing};
use hanok_web::access::transport::TransportRules;
use hanok_web::app::{App, Protection, WebConfig};
use hanok_web::routes::Route;
use serde_json::Value;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

pub const LOCAL: &str = "local-token";
pub const WORKER: &str = "worker-token";
pub const METRICS: &str = "metrics-token";

pub struct World {
    pub studio: Studio,
    pub store: Store,
    pub router: Router,
    pub routes: Vec<Route>,
    pub key: String,
    pub stop: CancellationToken,
    dir: TempDir,
}

/// An answer, whole.
#[derive(Debug, Default)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    pub fn code(&self) -> String {
        self.json()["error"]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }
}

impl World {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// With other settings of the surface.
    pub async fn with(change: impl FnOnce(&mut WebConfig)) -> Self {
        let (dir, store) = place().await;
        Self::build(dir, store, Credentials::passing().unwrap(), change).await
    }

    /// Over a database that is empty so far.
    pub async fn over(store: Store) -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self::build(dir, store, Credentials::passing().unwrap(), |_| {}).await
    }

    /// With other credentials.
    pub async fn trusting(credentials: Credentials) -> Self {
        let (dir, store) = place().await;
        Self::build(dir, store, credentials, |_| {}).await
    }

    async fn build(
        dir: TempDir,
        store: Store,
        credentials: Credentials,
        change: impl FnOnce(&mut WebConfig),
    ) -> Self {
        let studio = Studio::new(StudioParts {
            store: store.clone(),
            objects: Objects::open(dir.path()).unwrap(),
            cache: hanok_cache::Cache::memory(1 << 20),
            quota: None,
            secrets: hanok_studio::sealing::Secrets::random().unwrap(),
            remote: hanok_remote::Remote::new(hanok_remote::Config::default()).unwrap(),
            timing: Timing::default(),
            starters: vec![Starter::encoder()],
            accounts: accounts(),
            credentials,
        });
        studio.bootstrap().await.unwrap();
        let caller = studio.local_caller().await.unwrap();
        let new = NewKey {
            name: "test".into(),
            ..NewKey::default()
        };
        let key = studio.create_key(&caller, new).await.unwrap().key;
        let mut config = WebConfig {
            hosts: vec!["hanok.example".into()],
            max_request: 64 << 10,
            max_upload: 1 << 20,
            worker_token: WORKER.into(),
            local_token: LOCAL.into(),
            metrics: true,
            metrics_token: Some(METRICS.into()),
            docs: true,
            protection: Protection::default(),
            public_url: None,
            version: "test",
            environment: "development".into(),
            transport: TransportRules::default(),
        };
        change(&mut config);
        let app = App::new(studio.clone(), config);
        let stop = app.stop.clone();
        let (router, routes) = hanok_web::router(app);
        Self {
            studio,
            store,
            router,
            routes,
            key,
            stop,
            dir,
        }
    }

    /// A folder that is gone after the test.
    pub fn dir(&self) -> &std::path::Path {
        self.dir.path()
    }

    /// A session of the administrator, as the cookie's value.
    pub async fn session(&self) -> String {
        let secret = self.studio.issue_sign_in_secret().await.unwrap();
        self.studio
            .sign_in(&secret, &Origin::default())
            .await
            .unwrap()
    }

    pub async fn call(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 16 << 20).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// Serves on a socket of its own, until the end of the test.
    pub async fn listen(&self) -> std::net::SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let halt = CancellationToken::new();
        tokio::spawn(hanok_web::server::serve(
            listener,
            self.router.clone(),
            halt,
        ));
        address
    }

    /// The figures for monitoring.
    pub async fn metrics(&self) -> String {
        self.api(Method::GET, "/metrics", None).await.text
    }

    /// With the administrator's key and a JSON body, if there is one.
    pub async fn api(&self, method: Method, path: &str, body: Option<&str>) -> Answer {
        let mut request =
            request(method, path).header("authorization", format!("Bearer {}", self.key));
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .header("content-length", body.len());
        }
        let body = body.map_or_else(Body::empty, |text| Body::from(text.to_owned()));
        self.call(request.body(body).unwrap()).await
    }
}

/// A folder with a database in it.
async fn place() -> (TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", dir.path().join("hanok.db").display());
    let store = Store::open(&StoreConfig::new(url)).await.unwrap();
    (dir, store)
}

/// A request that names this server.
pub fn request(method: Method, path: &str) -> axum::http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header("host", "127.0.0.1:8080")
}

/// The path of a route with ids filled in.
pub fn concrete(path: &str) -> String {
    path.split('/')
        .map(|part| if part.starts_with('{') { "none" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

/// Passwords whose hashes take a moment instead of a quarter of a second.
pub fn accounts() -> AccountSettings {
    let mut settings = AccountSettings::new(Pepper::new([7; 32], Vec::new()));
    settings.bcrypt_cost = 4;
    settings
}
