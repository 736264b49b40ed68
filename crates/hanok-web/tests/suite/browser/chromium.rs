//! A browser without a window, driven over its own protocol.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::socket::Client;

const FLAGS: [&str; 7] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--remote-debugging-port=0",
];

/// What is waited for comes within so many looks.
const LOOKS: u32 = 1500;
const BETWEEN: Duration = Duration::from_millis(20);

/// The process, which ends with the test.
pub struct Chromium {
    process: Child,
    profile: TempDir,
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A page that is open.
pub struct Tab {
    client: Client,
    session: String,
    calls: u64,
}

impl Chromium {
    pub async fn start(program: &OsStr) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let process = Command::new(program)
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { process, profile }
    }

    /// Where it takes commands.
    async fn endpoint(&self) -> (SocketAddr, String) {
        let file = self.profile.path().join("DevToolsActivePort");
        for _ in 0..LOOKS {
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            if let Some((port, path)) = text.split_once('\n') {
                let port: u16 = port.parse().unwrap();
                return (([127, 0, 0, 1], port).into(), path.trim().to_owned());
            }
            tokio::time::sleep(BETWEEN).await;
        }
        panic!("the browser does not start");
    }

    pub async fn tab(&self, size: (u32, u32)) -> Tab {
        let (address, path) = self.endpoint().await;
        let client = Client::connect(address, &path, "").await.unwrap();
        let mut tab = Tab {
            client,
            session: String::new(),
            calls: 0,
        };
        let target = tab
            .call("Target.createTarget", json!({ "url": "about:blank" }))
            .await;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = tab.call("Target.attachToTarget", attach).await;
        tab.session = attached["sessionId"].as_str().unwrap().to_owned();
        tab.resize(size).await;
        tab
    }
}

impl Tab {
    /// Calls a command and waits for what it gives.
    pub async fn call(&mut self, method: &str, params: Value) -> Value {
        self.calls += 1;
        let mut message = json!({ "id": self.calls, "method": method, "params": params });
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        self.client.send(&message).await;
        loop {
            let answer = self.client.text().await;
            if answer["id"] == self.calls {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }

    /// The value of an expression on the page.
    pub async fn eval(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "returnByValue": true });
        self.call("Runtime.evaluate", params).await["result"]["value"].clone()
    }

    /// Waits until an expression is true.
    pub async fn until(&mut self, expression: &str) {
        for _ in 0..LOOKS {
            if self.eval(expression).await == true {
                return;
            }
            tokio::time::sleep(BETWEEN).await;
        }
        let page = self.eval("document.body.innerText").await;
        panic!("never: {expression}\n{}", page.as_str().unwrap_or_default());
    }

    /// Goes to a page and waits until it is whole.
    pub async fn open(&mut self, url: &str) {
        self.call("Page.navigate", json!({ "url": url })).await;
        let there = format!(
            "location.href === {} && document.readyState === 'complete'",
            json!(url)
        );
        self.until(&there).await;
    }

    pub async fn resize(&mut self, (width, height): (u32, u32)) {
        let params = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
        });
        self.call("Emulation.setDeviceMetricsOverride", params)
            .await;
    }

    /// `light` or `dark`.
    pub async fn scheme(&mut self, scheme: &str) {
        let feature = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": feature }))
            .await;
    }

    /// Presses a key that is no letter.
    pub async fn key(&mut self, key: &str, code: u32) {
        for kind in ["rawKeyDown", "keyUp"] {
            let params = json!({
                "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code,
            });
            self.call("Input.dispatchKeyEvent", params).await;
        }
    }

    /// Types into what has the focus.
    pub async fn write(&mut self, text: &str) {
        self.call("Input.insertText", json!({ "text": text })).await;
    }
}
