//! A data set's page, filled from the studio.

use hanok_domain::fault::Fault;
use hanok_studio::PageRequest;
use hanok_studio::access::Caller;
use hanok_studio::datasets::DatasetView;
use hanok_studio::events::Cursor;

use super::statistics;
use super::view::{DatasetRow, DatasetShow, Preview};
use crate::app::App;
use crate::ui::format::micros;

/// Rows of the preview shown at once.
const SHOWN: u64 = 25;
/// Events of an import looked at; one comes with every chunk of rows.
const EVENTS: u64 = 1000;

/// A row of the list.
pub fn row(dataset: DatasetView) -> DatasetRow {
    let version = dataset.version.as_ref();
    DatasetRow {
        rows: version.map(|v| u64::try_from(v.rows).unwrap_or(0)),
        labels: version.map(|v| v.labels.len() as u64),
        id: dataset.id,
        name: dataset.name,
        state: dataset.state,
        bytes: u64::try_from(dataset.source_bytes).unwrap_or(0),
        created_at: micros(&dataset.created_at),
    }
}

/// The page of one data set, with the rows after `after`.
pub async fn show(app: &App, caller: &Caller, id: &str, after: u64) -> Result<DatasetShow, Fault> {
    let dataset = app.studio.dataset(caller, id).await?;
    let mut view = DatasetShow {
        id: dataset.id,
        name: dataset.name,
        state: dataset.state,
        file: dataset.source_name,
        bytes: u64::try_from(dataset.source_bytes).unwrap_or(0),
        created_at: micros(&dataset.created_at),
        fault: dataset.error,
        may_edit: caller.may_write(),
        ..DatasetShow::default()
    };
    if view.is_importing() {
        progress(app, caller, &mut view).await?;
    }
    if let Some(version) = dataset.version {
        view.statistics = Some(statistics::read(&version.statistics, version.rows));
        view.preview = preview(app, caller, id, after).await?;
        view.runs = runs(app, caller, id).await?;
    }
    Ok(view)
}

async fn progress(app: &App, caller: &Caller, view: &mut DatasetShow) -> Result<(), Fault> {
    let mut cursor = Cursor::new(std::slice::from_ref(&view.id), None);
    for event in app.studio.events_after(caller, &cursor, EVENTS).await? {
        cursor.advance(&event);
        if event.kind == "progress" {
            view.read = event.data["done"].as_u64().unwrap_or(view.read);
        }
    }
    view.after = cursor.to_string();
    Ok(())
}

async fn preview(app: &App, caller: &Caller, id: &str, after: u64) -> Result<Preview, Fault> {
    let page = app.studio.dataset_rows(caller, id, after, SHOWN).await?;
    let last = page.rows.last().map(|row| row.row);
    let cell = |row: &hanok_studio::datasets::Row, name: &str, place: usize| {
        let column = page.columns.get(place).map_or(name, String::as_str);
        let value = row.values.get(name).or_else(|| row.values.get(column));
        value.cloned().unwrap_or_default()
    };
    let rows = page
        .rows
        .iter()
        .map(|row| (row.row, cell(row, "text", 0), cell(row, "label", 1)));
    Ok(Preview {
        rows: rows.collect(),
        next: last.filter(|_| page.has_more),
    })
}

/// Of the last runs those on this data.
async fn runs(
    app: &App,
    caller: &Caller,
    id: &str,
) -> Result<Vec<(String, String, String)>, Fault> {
    let runs = app
        .studio
        .runs(caller, PageRequest::first(100))
        .await?
        .items;
    let here = runs.into_iter().filter(|run| run.dataset_id == id).take(10);
    Ok(here.map(|run| (run.id, run.name, run.state)).collect())
}
