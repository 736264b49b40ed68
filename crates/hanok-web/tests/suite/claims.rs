//! What requests claim: file names that would be headers, files that are not what they say, headers that are
//! long for their own sake.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Method, StatusCode};

use crate::world::{Answer, World, request};

const BOUNDARY: &str = "----a-boundary-of-the-tests";

/// Sends a form with one file; name and content as they are.
pub async fn upload(
    world: &World,
    path: &str,
    fields: &[(&str, &str)],
    file_name: &str,
    content: &[u8],
) -> Answer {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
        body.extend_from_slice(part.as_bytes());
    }
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\n\
         Content-Type: text/csv\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(content);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    let request = request(Method::POST, path)
        .header("authorization", format!("Bearer {}", world.key))
        .header(
            "content-type",
            format!("multipart/form-data; boundary={BOUNDARY}"),
        )
        .body(Body::from(body));
    world.call(request.unwrap()).await
}

#[tokio::test]
async fn c10_a_file_name_is_never_a_header() {
    let world = World::new().await;
    for name in [
        "a.csv\r\nX-Evil: 1",
        "a\r\n\r\n<script>alert(1)</script>.csv",
        "a\nSet-Cookie: evil=1.csv",
        "a%0d%0aX-Evil: 1.csv",
        "a; filename=evil.html; x=.csv",
        "a\u{2028}X-Evil: 1.csv",
        "..\\..\\evil\u{0}.csv",
        "한국어 é.csv",
        "\u{202e}fdp.csv",
    ] {
        let purpose = [("purpose", "fine-tune")];
        let answer = upload(&world, "/v1/files", &purpose, name, b"text,label\na,b\n").await;
        if answer.status.is_client_error() {
            continue;
        }
        assert_eq!(answer.status, StatusCode::OK, "{name:?}: {}", answer.text);
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        let path = format!("/v1/files/{id}/content");
        let answer = world.api(Method::GET, &path, None).await;
        assert_eq!(answer.status, StatusCode::OK);
        for header in ["x-evil", "set-cookie"] {
            assert!(!answer.headers.contains_key(header), "{name:?}");
        }
        let told = answer.headers.get_all("content-disposition").iter();
        let told: Vec<&str> = told.map(|value| value.to_str().unwrap()).collect();
        assert_eq!(told.len(), 1, "{name:?}");
        assert!(told[0].starts_with("attachment; filename=\""), "{told:?}");
        assert_eq!(told[0].matches('"').count(), 2, "{told:?}");
        assert_eq!(told[0].matches(';').count(), 2, "{told:?}");
        assert!(
            told[0].chars().all(|c| c.is_ascii_graphic() || c == ' '),
            "{told:?}"
        );
        assert!(answer.text.ends_with("text,label\na,b\n"), "{name:?}");
    }
}

#[tokio::test]
async fn c10_a_redirect_goes_where_it_should_in_one_line() {
    let world = World::new().await;
    for next in [
        "/runs%0d%0aset-cookie:%20evil=1",
        "%0d%0a//evil.example",
        "/%09/evil.example",
        "//evil.example",
        "/\\evil.example",
    ] {
        let secret = world.studio.issue_sign_in_secret().await.unwrap();
        let body = format!("secret={secret}&next={next}");
        let request = request(Method::POST, "/login")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("origin", "http://127.0.0.1:8080")
            .body(Body::from(body));
        let answer = world.call(request.unwrap()).await;
        assert_eq!(
            answer.status,
            StatusCode::SEE_OTHER,
            "{next}: {}",
            answer.text
        );
        assert_eq!(answer.headers["location"], "/", "{next}");
        let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
        assert!(
            cookies
                .iter()
                .all(|c| !c.to_str().unwrap().contains("evil")),
            "{cookies:?}"
        );
    }
}

/// A name with line ends may be kept; it comes back as a JSON string and in no header.
#[tokio::test]
async fn c10_names_with_line_ends_reach_no_header() {
    let world = World::new().await;
    let body = r#"{"name":"a\r\nX-Evil: 1"}"#;
    let answer = world.api(Method::POST, "/api/v1/keys", Some(body)).await;
    assert!(!answer.headers.contains_key("x-evil"));
    assert!(answer.status.as_u16() < 500, "{}", answer.text);
    let request = request(Method::GET, "/api/v1/keys")
        .header("authorization", format!("Bearer {}", world.key))
        .header("idempotency-key", "a b")
        .body(Body::empty());
    let answer = world.call(request.unwrap()).await;
    assert!(!answer.headers.contains_key("x-evil"));
}

/// XML in all its dresses, and other files that are no tables, whatever they are called.
fn others() -> Vec<(&'static str, Vec<u8>)> {
    let xxe =
        br#"<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>"#;
    let mut laughs = String::from("<!DOCTYPE lolz [<!ENTITY a0 \"lol\">");
    for level in 1..20 {
        let before = level - 1;
        laughs.push_str(&format!(
            "<!ENTITY a{level} \"&a{before};&a{before};&a{before};\">"
        ));
    }
    laughs.push_str("]><lolz>&a19;</lolz>");
    let attributes: String = (0..50_000).map(|i| format!(" a{i}=\"x\"")).collect();
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>";
    let workbook = b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0[Content_Types].xml";
    vec![
        ("xxe", xxe.to_vec()),
        ("laughs", laughs.into_bytes()),
        (
            "attributes",
            format!("<?xml version=\"1.0\"?><a{attributes}/>").into_bytes(),
        ),
        ("marked", [b"\xef\xbb\xbf".as_slice(), xxe].concat()),
        ("late", [b"  \n\t".as_slice(), svg].concat()),
        ("svg", svg.to_vec()),
        ("comment", [b"<!-- x -->".as_slice(), svg].concat()),
        ("page", b"<!DOCTYPE html><script>alert(1)</script>".to_vec()),
        ("workbook", workbook.to_vec()),
        ("gzip", b"\x1f\x8b\x08\0".to_vec()),
        ("pdf", b"%PDF-1.7".to_vec()),
    ]
}

#[tokio::test]
async fn c13_files_that_are_no_tables_are_refused_by_their_first_bytes() {
    let world = World::new().await;
    for (what, content) in others() {
        for (path, fields) in [
            ("/api/v1/datasets", &[("name", "mood")][..]),
            ("/v1/files", &[("purpose", "fine-tune")][..]),
            ("/v1/files", &[("purpose", "batch")][..]),
        ] {
            let answer = upload(&world, path, fields, "table.csv", &content).await;
            assert_eq!(
                answer.status,
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "{what} {path}"
            );
            assert_eq!(answer.code(), "unsupported_file_type", "{what} {path}");
            assert_eq!(answer.json()["error"]["param"], "file");
        }
    }
    for list in ["/api/v1/datasets", "/api/v1/jobs", "/v1/files"] {
        let answer = world.api(Method::GET, list, None).await;
        assert_eq!(answer.json()["data"], serde_json::json!([]), "{list}");
    }
    let table = b"text,label\n<b>bold</b>,x\n";
    let answer = upload(&world, "/api/v1/datasets", &[], "t.csv", table).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
}

/// The bound is the row's, with room for a slow machine: a backtracking engine takes minutes.
#[tokio::test]
async fn c12_long_texts_take_no_time() {
    let world = World::new().await;
    let long = [
        "en-US,".repeat(100_000 / 6),
        format!("{}!", "a".repeat(100_000)),
        format!("{}@{}", "a.".repeat(50_000), "b-".repeat(50)),
        ";q=0.0000000000,".repeat(6_000),
        "*".repeat(100_000),
    ];
    for text in &long {
        for header in [
            "accept-language",
            "accept",
            "user-agent",
            "cookie",
            "referer",
            "if-none-match",
        ] {
            for path in ["/login", "/api/v1/runs", "/docs"] {
                let request = request(Method::GET, path).header(header, text.as_str());
                let began = Instant::now();
                let answer = world.call(request.body(Body::empty()).unwrap()).await;
                let took = began.elapsed();
                assert!(
                    took < Duration::from_secs(2),
                    "{header} at {path}: {took:?}"
                );
                assert!(answer.status.as_u16() < 500, "{header} at {path}");
            }
        }
        let body = serde_json::json!({ "name": text, "scopes": [format!("route:/{text}")] });
        let began = Instant::now();
        let body = body.to_string();
        let answer = world.api(Method::POST, "/api/v1/keys", Some(&body)).await;
        assert!(began.elapsed() < Duration::from_secs(2));
        assert!(answer.status.is_client_error(), "{}", answer.text);
    }
}

/// Engines that can be made to backtrack: only tokenizers, which bound their texts, may have one.
#[test]
fn c12_nothing_but_tokenizers_has_a_backtracking_engine() {
    let lock = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock");
    let lock = std::fs::read_to_string(lock).unwrap();
    let mut users = Vec::new();
    for package in lock.split("[[package]]").skip(1) {
        let name = package.split('"').nth(1).unwrap();
        let needs = package.split("dependencies = [").nth(1).unwrap_or_default();
        for engine in [
            "fancy-regex",
            "onig",
            "onig_sys",
            "pcre",
            "pcre2",
            "pcre2-sys",
            "regress",
        ] {
            let named = needs.lines().any(|line| {
                let line = line.trim().trim_matches(['"', ',']);
                line == engine || line.starts_with(&format!("{engine} "))
            });
            if named && name != "onig" && name != "pcre2" {
                users.push((name.to_owned(), engine));
            }
        }
    }
    assert_eq!(users, [("tokenizers".to_owned(), "fancy-regex")]);
}
