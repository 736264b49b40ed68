//! The table of a bench, and where it is kept.

use std::fs;

use anyhow::{Context, Result};
use serde_json::Value;

use super::{Rounds, number};
use crate::workspace;

/// A row: medians of both sides, their ratio, the spread of the ratios of single rounds.
pub fn row(work: &str, rounds: &Rounds, speed: &str, quality: &str) -> String {
    let all = |side: &[Value], name: &str| -> Vec<f64> {
        side.iter().map(|value| number(value, name)).collect()
    };
    let (ours, peers) = (all(&rounds.ours, speed), all(&rounds.peers, speed));
    let ratios: Vec<f64> = ours.iter().zip(&peers).map(|(a, b)| a / b).collect();
    let least = ratios.iter().copied().fold(f64::MAX, f64::min);
    let most = ratios.iter().copied().fold(0.0, f64::max);
    let (a, b) = (median(ours), median(peers));
    let our_memory = median(all(&rounds.ours, "peak_mb"));
    let peer_memory = median(all(&rounds.peers, "peak_mb"));
    format!(
        "| {work} | {a:.0} | {b:.0} | {:.2} × ({least:.2}–{most:.2}) | {our_memory:.0} MB | {peer_memory:.0} MB | {:.2} × | {quality} |",
        a / b,
        our_memory / peer_memory,
    )
}

/// The heading above rows.
pub fn head(title: &str, unit: &str, rounds: &Rounds) -> String {
    let version = |side: &[Value]| {
        let version = side.first().and_then(|value| value["version"].as_str());
        version.unwrap_or("unknown").to_owned()
    };
    let (ours, peer) = (version(&rounds.ours), version(&rounds.peers));
    format!(
        "## {title}\n\n{ours} and {peer}; {} rounds in turn, 2 threads; {}\n\n\
         | work | we, {unit} | peer, {unit} | ratio (of single rounds) | our peak | its peak | ratio | quality |\n\
         |---|---|---|---|---|---|---|---|",
        rounds.ours.len(),
        processor(),
    )
}

pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

pub fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let widest = ["avx512f", "avx2"]
        .into_iter()
        .find(|flag| text.contains(flag));
    let name = name.map_or("unknown processor", |(_, name)| name);
    format!("{name}, {}", widest.unwrap_or("no wide vectors"))
}

/// Adds a section to `bench/RESULTS.md`.
pub fn append(section: &str) -> Result<()> {
    let file = workspace::root().join("bench/RESULTS.md");
    let before = fs::read_to_string(&file).unwrap_or_else(|_| "# Results\n".to_owned());
    fs::write(&file, format!("{}\n\n{section}\n", before.trim_end())).context("bench/RESULTS.md")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_row_has_medians_and_the_spread_of_ratios() {
        let side = |speeds: [f64; 3], peak: f64| {
            speeds
                .map(|s| json!({"speed": s, "peak_mb": peak}))
                .to_vec()
        };
        let rounds = Rounds {
            ours: side([10.0, 30.0, 20.0], 50.0),
            peers: side([10.0, 10.0, 10.0], 100.0),
        };
        let expected = "| w | 20 | 10 | 2.00 × (1.00–3.00) | 50 MB | 100 MB | 0.50 × | q |";
        assert_eq!(row("w", &rounds, "speed", "q"), expected);
    }
}
