//! Pages in a real browser, where `HANOK_TEST_CHROMIUM` names one: a stream that is lost, a run that
//! failed, the keyboard.

mod cable;
mod chromium;
mod inert;

use axum::http::Method;
use hanok_domain::state::RunState;
use hanok_store::rows::events::NewEvent;
use hanok_store::rows::runs::RunChange;
use hanok_store::{RowError, StoreError};
use serde_json::json;

use crate::stand_in;
use crate::streaming::{append, run_with_events};
use crate::world::World;
use cable::Cable;
use chromium::{Chromium, Tab};

const WIDE: (u32, u32) = (1280, 800);
const NARROW: (u32, u32) = (390, 844);

/// A signed-in tab on a page, behind a cable that can be cut; nothing without a browser.
async fn visit(world: &World, browser: &mut Option<Chromium>, path: &str) -> Option<(Tab, Cable)> {
    let program = std::env::var_os("HANOK_TEST_CHROMIUM")?;
    let cable = Cable::to(world.listen().await).await;
    let started = Chromium::start(&program).await;
    let mut tab = started.tab(WIDE).await;
    *browser = Some(started);
    let cookie = json!({
        "name": "hanok_session", "value": world.session().await,
        "url": format!("http://{}/", cable.address),
    });
    tab.call("Network.setCookie", cookie).await;
    tab.open(&format!("http://{}{path}", cable.address)).await;
    Some((tab, cable))
}

async fn change_run(world: &World, run: &str, change: RunChange) {
    let caller = &world.studio.local_caller().await.unwrap();
    let (project, change) = (caller.project_id.as_str(), &change);
    world
        .store
        .write(|tx| async move {
            tx.runs().update(project, run, change).await?;
            let event = NewEvent {
                kind: "state".into(),
                data: json!({ "state": "running" }),
            };
            tx.events().append(project, run, &[event]).await?;
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
}

fn into(state: RunState) -> RunChange {
    RunChange {
        state: Some(state),
        ..RunChange::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_lost_its_stream_says_so_and_catches_up() {
    let world = World::new().await;
    let run = run_with_events(&world, 2).await;
    change_run(&world, &run, into(RunState::Running)).await;
    let mut browser = None;
    let path = format!("/runs/{run}");
    let Some((mut tab, mut cable)) = visit(&world, &mut browser, &path).await else {
        return;
    };
    const NOTE: &str = "document.getElementById('stream-note').textContent";
    tab.until("document.querySelector('.badge')?.textContent.includes('running')")
        .await;
    assert_eq!(tab.eval(NOTE).await, "");
    cable.cut();
    tab.until(&format!(
        "{NOTE}.startsWith('Connection lost, trying again.')"
    ))
    .await;
    assert_eq!(
        tab.eval("getComputedStyle(document.getElementById('stream-note')).display")
            .await,
        "block"
    );
    // What happens meanwhile is on the page once the stream is back, and the banner goes away.
    append(&world, &run, 40, 2).await;
    change_run(&world, &run, into(RunState::Cancelled)).await;
    cable.mend().await;
    tab.until("document.querySelector('.badge').textContent.includes('cancelled')")
        .await;
    tab.until(&format!("{NOTE} === ''")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_run_shows_its_reason_and_is_tried_again_with_one_click() {
    let world = World::new().await;
    let run = run_with_events(&world, 1).await;
    change_run(&world, &run, into(RunState::Running)).await;
    let failed = RunChange {
        error: Some(RowError {
            code: "worker_lost".into(),
            message: "The worker process ended: <b>out of memory</b>".into(),
        }),
        ..into(RunState::Failed)
    };
    change_run(&world, &run, failed).await;
    let mut browser = None;
    let path = format!("/runs/{run}");
    let Some((mut tab, _cable)) = visit(&world, &mut browser, &path).await else {
        return;
    };
    for size in [WIDE, NARROW] {
        tab.resize(size).await;
        let fault = tab.eval("document.querySelector('.fault').innerText").await;
        let fault = fault.as_str().unwrap();
        assert!(
            fault.contains("<b>out of memory</b>") && fault.contains("worker_lost"),
            "{fault}"
        );
        let seen = "(() => { const r = document.querySelector('.fault').getBoundingClientRect(); return r.top < innerHeight && r.right <= innerWidth; })()";
        assert_eq!(
            tab.eval(seen).await,
            true,
            "{size:?}: not in the first screen"
        );
        let wide = "document.documentElement.scrollWidth <= innerWidth";
        assert_eq!(
            tab.eval(wide).await,
            true,
            "{size:?}: wider than the screen"
        );
    }
    let button = "document.querySelector(\"form[action$='/retry'] button\")";
    assert_eq!(
        tab.eval(&format!("{button}.textContent")).await,
        "Run again"
    );
    tab.eval(&format!("{button}.click()")).await;
    // Its data set was never imported, so that the page that follows says what is in the way.
    tab.until("document.body.innerText.includes('The data set is importing')")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_playground_is_worked_by_keyboard_alone() {
    let world = World::new().await;
    let stand_in = stand_in::start(&world).await;
    stand_in::model(&world, "talker", "decoder").await;
    let mut browser = None;
    let Some((mut tab, _cable)) = visit(&world, &mut browser, "/playground?model=talker").await
    else {
        return;
    };
    // The first stop of Tab leads past the rooms, and is seen.
    tab.key("Tab", 9).await;
    assert_eq!(tab.eval("document.activeElement.className").await, "skip");
    let outline = tab
        .eval("getComputedStyle(document.activeElement).outlineStyle")
        .await;
    assert_eq!(outline, "solid");
    tab.eval("document.getElementById('message').focus()").await;
    tab.write("hello").await;
    tab.key("Enter", 13).await;
    tab.until(
        "document.querySelector('#turns .assistant p')?.textContent.startsWith('you said hello')",
    )
    .await;
    // Until the answer is whole, Enter sends nothing.
    tab.until("document.getElementById('stop').hidden && document.activeElement.id === 'message'")
        .await;
    for stop in ["Escape", "button"] {
        tab.write("endless").await;
        tab.key("Enter", 13).await;
        tab.until("[...document.querySelectorAll('#turns .assistant p')].at(-1).textContent.includes('again again')")
            .await;
        assert_eq!(
            tab.eval("document.getElementById('stop').hidden").await,
            false
        );
        match stop {
            "Escape" => tab.key("Escape", 27).await,
            _ => drop(tab.eval("document.getElementById('stop').click()").await),
        }
        tab.until("document.getElementById('stop').hidden && document.getElementById('usage').textContent.length > 0")
            .await;
        assert_eq!(
            tab.eval("document.getElementById('problem').textContent")
                .await,
            ""
        );
    }
    // The generations ended with the requests.
    for _ in 0..500 {
        if stand_in.endless.load(std::sync::atomic::Ordering::SeqCst) == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(
        stand_in.endless.load(std::sync::atomic::Ordering::SeqCst),
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_room_fits_both_widths_in_light_and_dark() {
    let world = World::new().await;
    let run = run_with_events(&world, 3).await;
    let mut browser = None;
    let Some((mut tab, cable)) = visit(&world, &mut browser, "/").await else {
        return;
    };
    let rooms = [
        "/",
        "/datasets",
        "/datasets/new",
        "/runs",
        "/runs/new",
        "/models",
        "/models/import",
        "/deployments",
        "/playground",
        "/docs",
        "/nowhere",
        &format!("/runs/{run}"),
    ]
    .map(str::to_owned);
    for room in rooms {
        tab.open(&format!("http://{}{room}", cable.address)).await;
        for size in [WIDE, NARROW] {
            tab.resize(size).await;
            let wide = "document.documentElement.scrollWidth <= innerWidth";
            assert_eq!(tab.eval(wide).await, true, "{room} {size:?}");
        }
        for scheme in ["light", "dark"] {
            tab.scheme(scheme).await;
            let ratio = tab.eval(CONTRAST).await.as_f64().unwrap();
            assert!(ratio >= 4.5, "{room} {scheme}: {ratio}");
        }
    }
    assert_eq!(
        world.api(Method::GET, "/health/live", None).await.status,
        200
    );
}

/// The contrast of the page's own text on its paper.
const CONTRAST: &str = "(() => {
  const light = (colour) => {
    const parts = colour.match(/[0-9.]+/g).slice(0, 3).map((n) => n / 255);
    const linear = parts.map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const style = getComputedStyle(document.body);
  const [a, b] = [light(style.color), light(style.backgroundColor)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
})()";
