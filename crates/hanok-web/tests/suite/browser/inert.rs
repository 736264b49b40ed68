//! What people write is text wherever it is shown: a real browser runs none of it.

use axum::http::Method;
use hanok_domain::state::RunState;
use hanok_store::RowError;
use hanok_store::rows::runs::RunChange;
use hanok_studio::keys::NewKey;
use serde_json::json;

use super::{change_run, into, visit};
use crate::stand_in;
use crate::streaming::run_with_events;
use crate::world::World;

/// Each would leave an element of this class or change the title, were it taken for markup.
const CANARIES: [&str; 5] = [
    "<script class=canary>document.title='owned'</script>",
    "\"><img class=canary src=x onerror=\"document.title='owned'\">",
    "'><svg class=canary onload=document.title='owned'>",
    "</title></textarea></style><b class=canary>b</b>",
    "javascript:document.title='owned'",
];

/// Whether anything came to life: an element, a title, a link or a handler of somebody's making.
const ALIVE: &str = "document.title.includes('owned') && !document.title.includes('<') && !document.title.includes('javascript:') \
    || document.querySelector('.canary') !== null \
    || [...document.querySelectorAll('a[href],form[action],use[href],img[src]')].some((e) => /^\\s*javascript:/i.test(e.getAttribute('href') || e.getAttribute('action') || e.getAttribute('src') || '')) \
    || [...document.querySelectorAll('*')].some((e) => [...e.attributes].some((a) => a.name.startsWith('on')))";

async fn upload(world: &World, name: &str) {
    let part = |head: &str, body: &str| {
        format!("--X\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n")
    };
    let file = name.replace('"', "%22").replace(['\r', '\n'], "");
    let body = format!(
        "{}{}--X--\r\n",
        part("name=\"name\"", name),
        part(
            &format!("name=\"file\"; filename=\"{file}.csv\""),
            "text,label\na,b\n"
        ),
    );
    let made = crate::world::request(Method::POST, "/api/v1/datasets")
        .header("authorization", format!("Bearer {}", world.key))
        .header("content-type", "multipart/form-data; boundary=X");
    let answer = world.call(made.body(body.into()).unwrap()).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
}

/// Everything that people name, named after each canary; the pages that show it.
async fn furnish(world: &World) -> Vec<String> {
    let mut pages: Vec<String> = ["/", "/datasets", "/runs", "/models", "/deployments"]
        .map(str::to_owned)
        .to_vec();
    let caller = world.studio.local_caller().await.unwrap();
    for canary in CANARIES {
        upload(world, canary).await;
        let new = NewKey {
            name: canary.into(),
            ..NewKey::default()
        };
        world.studio.create_key(&caller, new).await.unwrap();
        pages.push(format!(
            "/models/{}",
            stand_in::model(world, canary, "decoder").await
        ));
        let run = run_with_events(world, 1).await;
        change_run(world, &run, into(RunState::Running)).await;
        let failed = RunChange {
            error: Some(RowError {
                code: "worker_lost".into(),
                message: canary.into(),
            }),
            ..into(RunState::Failed)
        };
        change_run(world, &run, failed).await;
        pages.push(format!("/runs/{run}"));
    }
    let list = world
        .api(Method::GET, "/api/v1/datasets", None)
        .await
        .json();
    for dataset in list["data"].as_array().unwrap() {
        pages.push(format!("/datasets/{}", dataset["id"].as_str().unwrap()));
    }
    pages.push("/playground?model=%3Cscript%20class%3Dcanary%3E".to_owned());
    pages.push("/runs/new?dataset=%22%3E%3Cimg%20class%3Dcanary%3E".to_owned());
    pages
        .push("/nowhere/%3Cscript%20class=canary%3Edocument.title='owned'%3C/script%3E".to_owned());
    pages.push("/docs?group=%22%3E%3Cimg%20class%3Dcanary%3E".to_owned());
    pages.push("/login?next=javascript:document.title='owned'".to_owned());
    pages
}

#[tokio::test(flavor = "multi_thread")]
async fn f06s_what_people_write_stays_text_in_a_browser() {
    let world = World::new().await;
    let pages = furnish(&world).await;
    let mut browser = None;
    let Some((mut tab, cable)) = visit(&world, &mut browser, "/").await else {
        return;
    };
    let mut shown = 0;
    for page in pages {
        let url = format!("http://{}{page}", cable.address);
        tab.call("Page.navigate", json!({ "url": url })).await;
        tab.until("document.readyState === 'complete' && location.pathname !== 'blank'")
            .await;
        assert_eq!(tab.eval(ALIVE).await, false, "{page}");
        let text = tab.eval("document.body.innerText").await;
        shown += usize::from(text.as_str().unwrap().contains("canary"));
    }
    assert!(shown > 10, "the canaries are on {shown} pages only");
    // The alarm itself works: markup put in by a script of the test is seen.
    tab.eval("document.body.insertAdjacentHTML('beforeend', '<b class=canary></b>')")
        .await;
    assert_eq!(tab.eval(ALIVE).await, true);
}
