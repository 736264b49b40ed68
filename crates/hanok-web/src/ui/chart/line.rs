//! A chart of lines over steps, with grid, direct labels, a hover read-out's data and a table.

use askama::Template;
use serde_json::json;

use super::{Scale, thinned};
use crate::ui::format::short;
use crate::ui::lang::Lang;

/// Height of the plot in CSS pixels and of its coordinates.
const HEIGHT: f64 = 220.0;
/// Width of the plot's coordinates; on screen it takes what there is.
const WIDTH: f64 = 1000.0;
/// Points drawn of a line.
const DRAWN: usize = 240;
/// Rows of the table below the chart; the CSV has them all.
const LISTED: usize = 40;
/// Least distance of two labels at the right edge, pixels.
const LABEL_GAP: f64 = 15.0;

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// As measured: thin and pale.
    Raw,
    /// Smoothed: strong.
    Smooth,
    /// Few values: a line with a mark at each.
    Marked,
}

impl Look {
    fn class(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Smooth => "smooth",
            Self::Marked => "marked",
        }
    }
}

/// One line.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its name beside its end.
    pub name: String,
    /// How it looks.
    pub look: Look,
    /// Its colour, 1 to 6.
    pub colour: u8,
    /// Its points (step, value), by step.
    pub points: Vec<(f64, f64)>,
}

/// A chart to draw.
#[derive(Debug, Clone)]
pub struct LineChart {
    /// The page's language.
    pub l: Lang,
    /// What it shows.
    pub title: String,
    /// What runs to the right, with its unit.
    pub x_label: String,
    /// What runs up, with its unit.
    pub y_label: String,
    /// The lines.
    pub lines: Vec<Line>,
    /// Whether the values stand on a logarithmic axis.
    pub log: bool,
    /// Last step of the axis, where it is known; else the last of the lines.
    pub x_end: Option<f64>,
    /// Address of the same chart with the other axis.
    pub switch_href: String,
    /// Address of the data as CSV.
    pub csv_href: String,
}

#[derive(Debug)]
struct Tick {
    at: f64,
    text: String,
    /// `start`, `middle` or `end`, so that no label leaves the picture.
    anchor: &'static str,
}

#[derive(Debug)]
struct Drawn {
    class: &'static str,
    colour: u8,
    name: String,
    last: String,
    label_y: Option<f64>,
    path: String,
    marks: Vec<(f64, f64)>,
}

#[derive(Template)]
#[template(path = "components/chart_line.html")]
struct Picture<'a> {
    l: Lang,
    c: &'a LineChart,
    height: f64,
    x_ticks: Vec<Tick>,
    y_ticks: Vec<Tick>,
    drawn: Vec<Drawn>,
    data: String,
    rows: Vec<(String, Vec<String>)>,
}

impl LineChart {
    /// The chart as markup; a note where there is nothing to draw yet.
    pub fn draw(&self) -> crate::ui::parts::Html {
        let (x, y) = self.scales();
        let mut drawn: Vec<Drawn> = self
            .lines
            .iter()
            .map(|line| draw_line(line, x, y))
            .collect();
        part_labels(&mut drawn);
        let picture = Picture {
            l: self.l,
            c: self,
            height: HEIGHT,
            x_ticks: x.ticks(5).into_iter().map(|tick| x_tick(tick, x)).collect(),
            y_ticks: y.ticks(5).into_iter().map(|tick| y_tick(tick, y)).collect(),
            drawn,
            data: self.data(x, y),
            rows: self.rows(),
        };
        crate::ui::html(&picture)
    }

    fn scales(&self) -> (Scale, Scale) {
        let all = || self.lines.iter().flat_map(|line| line.points.iter());
        let last = all().map(|point| point.0).fold(0.0, f64::max);
        let x = Scale::linear(0.0, self.x_end.unwrap_or(last).max(last).max(5.0));
        let values = || {
            all()
                .map(|point| point.1)
                .filter(|value| value.is_finite() && (!self.log || *value > 0.0))
        };
        let low = values().fold(f64::INFINITY, f64::min);
        let high = values().fold(f64::NEG_INFINITY, f64::max);
        let y = match (self.log, low.is_finite()) {
            (true, true) => Scale::log(low, high),
            (false, true) => Scale::rounded(low.min(0.0), high.max(1e-6), 5),
            (_, false) => Scale::linear(0.0, 1.0),
        };
        (x, y)
    }

    /// What the hover read-out needs: for each line its name and points as (x %, y px, step, value).
    fn data(&self, x: Scale, y: Scale) -> String {
        let lines: Vec<_> = self
            .lines
            .iter()
            .map(|line| {
                let points: Vec<_> = thinned(&line.points, DRAWN)
                    .into_iter()
                    .filter(|point| y.takes(point.1))
                    .map(|point| {
                        json!([across(x, point.0), up(y, point.1), point.0, short(point.1)])
                    })
                    .collect();
                json!({ "name": line.name, "colour": line.colour, "points": points })
            })
            .collect();
        json!({ "x": self.x_label, "lines": lines }).to_string()
    }

    /// The table: a row for each step of the first line, thinned, with the other lines' value at
    /// or before that step.
    fn rows(&self) -> Vec<(String, Vec<String>)> {
        let Some(first) = self.lines.first() else {
            return Vec::new();
        };
        thinned(&first.points, LISTED)
            .into_iter()
            .map(|(step, _)| {
                let cells = self.lines.iter().map(|line| at_or_before(line, step));
                (self.l.num(step), cells.collect())
            })
            .collect()
    }
}

fn at_or_before(line: &Line, step: f64) -> String {
    let end = line.points.partition_point(|point| point.0 <= step);
    match end.checked_sub(1) {
        Some(i) => short(line.points[i].1),
        None => "–".to_owned(),
    }
}

fn across(x: Scale, value: f64) -> f64 {
    (x.place(value) * 1000.0).round() / 10.0
}

fn up(y: Scale, value: f64) -> f64 {
    ((1.0 - y.place(value)) * HEIGHT * 10.0).round() / 10.0
}

fn x_tick(value: f64, x: Scale) -> Tick {
    let at = across(x, value);
    let anchor = match at {
        at if at < 3.0 => "start",
        at if at > 97.0 => "end",
        _ => "middle",
    };
    Tick {
        at,
        text: Lang::En.num(value),
        anchor,
    }
}

fn y_tick(value: f64, y: Scale) -> Tick {
    Tick {
        at: up(y, value),
        text: short(value),
        anchor: "end",
    }
}

fn draw_line(line: &Line, x: Scale, y: Scale) -> Drawn {
    let points: Vec<(f64, f64)> = thinned(&line.points, DRAWN)
        .into_iter()
        .filter(|point| y.takes(point.1))
        .collect();
    let mut path = String::new();
    for (i, (step, value)) in points.iter().enumerate() {
        let command = if i == 0 { 'M' } else { 'L' };
        let across = (x.place(*step) * WIDTH * 10.0).round() / 10.0;
        path.push_str(&format!("{command}{across} {}", up(y, *value)));
    }
    let marks = match line.look {
        Look::Marked => points
            .iter()
            .map(|p| (across(x, p.0), up(y, p.1)))
            .collect(),
        _ => Vec::new(),
    };
    let last = points.last();
    let labelled = line.look != Look::Raw;
    Drawn {
        class: line.look.class(),
        colour: line.colour,
        name: line.name.clone(),
        last: last.map(|point| short(point.1)).unwrap_or_default(),
        label_y: last.filter(|_| labelled).map(|point| up(y, point.1)),
        path,
        marks,
    }
}

/// Moves the labels at the right edge apart where they would lie on each other.
fn part_labels(drawn: &mut [Drawn]) {
    let mut order: Vec<usize> = (0..drawn.len())
        .filter(|i| drawn[*i].label_y.is_some())
        .collect();
    order.sort_by(|a, b| {
        drawn[*a]
            .label_y
            .partial_cmp(&drawn[*b].label_y)
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    let mut least = LABEL_GAP / 2.0;
    for i in order {
        let y = drawn[i].label_y.unwrap_or(0.0).max(least);
        drawn[i].label_y = Some(y);
        least = y + LABEL_GAP;
    }
    let over = least - LABEL_GAP - (HEIGHT - 2.0);
    if over > 0.0 {
        for line in drawn.iter_mut() {
            line.label_y = line.label_y.map(|y| y - over);
        }
    }
}
