//! C03: addresses that lead inward are refused before anything is sent; a listener says so.

use std::sync::Arc;

use hanok_domain::fault::FaultKind;
use hanok_remote::{Request, Trust};

use crate::server::{Names, Server, ok, remote};

/// Every spelling of this machine and its neighbours that we know of, for this port.
fn inward(port: u16) -> Vec<String> {
    let hosts = [
        "127.0.0.1",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "a.localhost",
        "0.0.0.0",
        "0",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "017700000001",
        "127.0.0.1.",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::7f00:1]",
        "[2002:7f00:1::]",
        "[2001:0:7f00:1::1]",
        "[fe80::1]",
        "[fe80::1%25lo]",
        "[fc00::1]",
        "[fd00:ec2::254]",
        "[fec0::1]",
        "[ff02::1]",
        "[100::1]",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "198.18.0.1",
        "192.0.2.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "127.0.0.1%2f.example.com",
        "%31%32%37.0.0.1",
        "①②⑦.0.0.1",
        "127。0。0。1",
        "ｌocalhost",
        "private.test",
        "unknown.test",
        "intranet",
        "metadata.test",
    ];
    hosts
        .iter()
        .map(|host| format!("http://{host}:{port}/"))
        .collect()
}

fn misspelt(port: u16) -> Vec<String> {
    [
        "http://example.com@127.0.0.1:{}/",
        "http://127.0.0.1:{}@example.com/",
        "http://user:password@public.test:{}/",
        "http://127.0.0.1:{}\\@example.com/",
        "http:\\\\127.0.0.1:{}/",
        "http:/127.0.0.1:{}/",
        "http:127.0.0.1:{}/",
        "http:///127.0.0.1:{}/",
        "//127.0.0.1:{}/",
        "127.0.0.1:{}/",
        " http://public.test:{}/",
        "http://public.test:{}/ ",
        "http://public.test:{}/\r\nhost: other",
        "http://public.test:{}/%\n",
        "ht\ttp://127.0.0.1:{}/",
        "http://public.test\0:{}/",
        "http://public.test:{}x/",
        "",
        "http://",
        "http://:{}/",
    ]
    .map(|text| text.replace("{}", &port.to_string()))
    .into()
}

const OTHERS: [&str; 14] = [
    "file:///etc/passwd",
    "gopher://public.test/",
    "ftp://public.test/",
    "unix:/run/docker.sock",
    "unix://run/docker.sock",
    "data:text/plain,hello",
    "javascript:alert(1)",
    "ws://public.test/",
    "http://public.test:22/",
    "http://public.test:25/",
    "http://public.test:5432/",
    "http://public.test:6379/",
    "https://public.test:3306/",
    "http://public.test:0/",
];

fn names() -> Arc<Names> {
    let names = Names::default()
        .with("private.test", &[&["127.0.0.1"]])
        .with("localhost", &[&["127.0.0.1"]])
        .with("a.localhost", &[&["127.0.0.1"]])
        .with("intranet", &[&["127.0.0.1"]])
        .with("public.test", &[&["127.0.0.1"]])
        .with("metadata.test", &[&["169.254.169.254"]]);
    Arc::new(names)
}

#[tokio::test]
async fn c03_addresses_that_lead_inward_are_refused_and_nothing_is_sent() {
    let server = Server::start(|_| ok("inside")).await;
    let names = names();
    let remote = remote(&names, &[]);
    let mut urls = inward(server.port);
    urls.extend(misspelt(server.port));
    urls.extend(OTHERS.map(str::to_owned));
    for url in urls {
        let sent = remote.send(Request::get(&url, Trust::Request)).await;
        let fault = sent.err().unwrap_or_else(|| panic!("{url} was asked"));
        assert_eq!(
            (fault.kind, fault.code.as_ref()),
            (FaultKind::Invalid, "url_not_allowed"),
            "{url}"
        );
        let checked = remote.check(&url, Trust::Request).await.unwrap_err();
        assert_eq!(checked, fault, "{url}");
        let told = fault.to_string();
        assert!(
            !told.contains("127.0.0.1") && !told.contains("169.254"),
            "{url}: {told}"
        );
    }
    server.assert_silent("a packet came");
}

#[tokio::test]
async fn c03_whether_an_inner_name_exists_is_not_told() {
    let names = names();
    let remote = remote(&names, &[]);
    let told = async |host: &str| {
        let url = format!("https://{host}/");
        remote.check(&url, Trust::Request).await.unwrap_err()
    };
    let there = told("private.test").await;
    assert_eq!(there, told("unknown.test").await);
    assert_eq!(there, told("metadata.test").await);
}

#[tokio::test]
async fn c03_exceptions_open_what_they_name_and_no_more() {
    let server = Server::start(|_| ok("inside")).await;
    let other = Server::start(|_| ok("other")).await;
    let names = names();
    let allowed = [
        format!("private.test:{}", server.port),
        "metadata.test".to_owned(),
    ];
    let remote = remote(&names, &allowed);
    let get = async |url: String| remote.send(Request::get(url, Trust::Request)).await;
    let answer = get(format!("http://private.test:{}/", server.port))
        .await
        .unwrap();
    assert_eq!(answer.bytes().await.unwrap(), "inside");
    for url in [
        format!("http://private.test:{}/", other.port),
        format!("http://127.0.0.1:{}/", server.port),
        format!("http://localhost:{}/", server.port),
        "http://metadata.test/".to_owned(),
    ] {
        let fault = get(url.clone())
            .await
            .err()
            .unwrap_or_else(|| panic!("{url} was asked"));
        assert_eq!(fault.code, "url_not_allowed", "{url}");
    }
    other.assert_silent("the exception is for one port");
}

#[tokio::test]
async fn c03_an_operators_address_may_be_private_and_his_names_lead_to_no_metadata() {
    let server = Server::start(|_| ok("inside")).await;
    let names = names();
    let remote = remote(&names, &[]);
    for host in ["private.test", "127.0.0.1", "localhost"] {
        let url = format!("http://{host}:{}/", server.port);
        let answer = remote
            .send(Request::get(url, Trust::Operator))
            .await
            .unwrap();
        assert_eq!(answer.bytes().await.unwrap(), "inside");
    }
    let url = "http://metadata.test/latest/";
    let fault = remote
        .send(Request::get(url, Trust::Operator))
        .await
        .err()
        .unwrap();
    assert_eq!(fault.code, "url_not_allowed");
    let spelt = remote
        .check("http://169.254.169.254/", Trust::Operator)
        .await;
    assert!(spelt.is_ok(), "spelt out it is on purpose");
    let unknown = remote.check("http://unknown.test/", Trust::Operator).await;
    assert_eq!(unknown.unwrap_err().kind, FaultKind::Upstream);
}

/// In a process of its own, since the environment is the whole process's.
#[tokio::test]
async fn c03_a_proxy_of_the_environment_is_not_asked() {
    if std::env::var_os("HANOK_TEST_CHILD").is_some() {
        let names = names();
        let remote = remote(&names, &[]);
        let url = "http://private.test/";
        assert!(
            remote
                .send(Request::get(url, Trust::Request))
                .await
                .is_err()
        );
        let port = std::env::var("HANOK_TEST_CHILD").unwrap();
        let url = format!("http://private.test:{port}/");
        let answer = remote
            .send(Request::get(url, Trust::Operator))
            .await
            .unwrap();
        assert_eq!(answer.bytes().await.unwrap(), "inside");
        return;
    }
    let server = Server::start(|_| ok("inside")).await;
    let proxy = Server::start(|_| ok("proxied")).await;
    let address = format!("http://127.0.0.1:{}", proxy.port);
    let mut child = tokio::process::Command::new(std::env::current_exe().unwrap());
    child.args([
        "--exact",
        "inward::c03_a_proxy_of_the_environment_is_not_asked",
    ]);
    child.env("HANOK_TEST_CHILD", server.port.to_string());
    for name in [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "all_proxy",
    ] {
        child.env(name, &address);
    }
    let done = child.output().await.unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success() && said.contains("1 passed"), "{said}");
    proxy.assert_silent("the proxy was asked");
    assert_eq!(server.came().len(), 1);
}
