//! Sample data for the pages: realistic in size and kind, made here.

use hanok_domain::fault::Fault;

use crate::ui::chart::Interval;
use crate::ui::dashboard::view::*;
use crate::ui::datasets::view::*;
use crate::ui::deployments::view::*;
use crate::ui::frame::*;
use crate::ui::lang::Lang;
use crate::ui::parts::{Progress, Tone};
use crate::ui::runs::metrics::Metric;
use crate::ui::runs::overview::*;
use crate::ui::runs::result::*;
use crate::ui::runs::view::*;

pub const NOW: i64 = 1_777_860_000_000_000;
pub const MINUTE: i64 = 60_000_000;

pub fn frame(lang: Lang, path: &str) -> Frame {
    Frame {
        lang,
        user: Some("admin".to_owned()),
        project: "Personal".to_owned(),
        csrf: "a-csrf-token".to_owned(),
        path: path.to_owned(),
        base_url: "http://127.0.0.1:8080".to_owned(),
        now: NOW,
        ..Frame::default()
    }
}

pub fn flash(mut frame: Frame) -> Frame {
    frame.environment = Environment::Production;
    frame.flash = Some(Flash {
        tone: Tone::Ok,
        text: "“old reviews” is deleted.".to_owned(),
        undo: Some("/datasets/ds_x/restore".to_owned()),
    });
    frame
}

pub fn run_row(name: &str, state: &str, minutes: i64, accuracy: Option<f64>) -> RunRow {
    RunRow {
        id: format!("run_{}", name.replace(' ', "")),
        name: name.to_owned(),
        state: state.to_owned(),
        base_model: "hanok-encoder".to_owned(),
        dataset_name: "support messages".to_owned(),
        accuracy,
        delta: accuracy.map(|a| a - 0.612),
        loss: (name == "chats").then_some((1.612, -0.594)),
        created_at: NOW - minutes * MINUTE,
    }
}

pub fn metrics(steps: u64) -> Vec<Metric> {
    let noise = |i: u64| ((i * 2_654_435_761 % 1000) as f64 / 1000.0 - 0.5) * 0.25;
    (1..=steps)
        .map(|i| {
            let base = 1.75 * (-(i as f64) / 160.0).exp() + 0.18;
            let measured = i.is_multiple_of(50);
            Metric {
                at: NOW + (i as i64 - 400) * 40_000,
                step: i * 4,
                epoch: i as f64 / 50.0,
                loss: Some(base * (1.0 + noise(i))),
                learning_rate: Some(0.01),
                examples_per_s: Some(41_230.0),
                tokens_per_s: None,
                val_loss: measured.then_some(base * 1.07 + 0.05),
                val_accuracy: measured.then_some(0.9),
            }
        })
        .collect()
}

fn sample(text: &str, truth: &str, base: &str, tuned: &str) -> Differing {
    Differing {
        text: text.to_owned(),
        truth: truth.to_owned(),
        base: base.to_owned(),
        tuned: tuned.to_owned(),
    }
}

pub fn evaluation() -> Evaluation {
    let labels = [
        "account",
        "billing",
        "delivery",
        "praise",
        "refund",
        "technical",
    ];
    let confusion = [
        [61, 2, 0, 0, 1, 3],
        [1, 70, 0, 0, 4, 0],
        [0, 0, 88, 1, 2, 0],
        [0, 0, 1, 52, 0, 0],
        [0, 6, 1, 0, 63, 0],
        [4, 0, 1, 0, 0, 59],
    ];
    let classes = labels.iter().zip([0.917, 0.915, 0.967, 0.981, 0.9, 0.936]);
    Evaluation {
        base: 0.612,
        tuned: 0.936,
        delta: Interval {
            delta: 0.324,
            low: 0.281,
            high: 0.366,
        },
        floor: Some(0.871),
        base_f1: 0.583,
        tuned_f1: 0.936,
        rows: 420,
        labels: labels.map(str::to_owned).to_vec(),
        confusion: confusion.map(|row| row.to_vec()).to_vec(),
        classes: classes
            .map(|(label, f1)| ClassRow {
                label: (*label).to_owned(),
                support: 70,
                precision: f1 - 0.01,
                recall: f1 + 0.01,
                f1,
                base_f1: f1 - 0.33,
            })
            .collect(),
        wins_total: 141,
        wins: vec![
            sample(
                "I was charged twice for the same month, please look at it",
                "billing",
                "delivery",
                "billing",
            ),
            sample(
                "로그인이 계속 실패해요. 비밀번호를 바꿔도 그대로입니다",
                "account",
                "praise",
                "account",
            ),
        ],
        losses_total: 1,
        losses: vec![sample(
            "The box was fine but the app froze while tracking it",
            "technical",
            "technical",
            "delivery",
        )],
    }
}

pub fn dashboard_empty() -> Dashboard {
    Dashboard {
        counts: Counts::default(),
        next: Next::Upload,
        active: Vec::new(),
        recent: Vec::new(),
        evaluation: None,
        workers: vec![worker("host", "ready"), worker("jobs", "idle")],
    }
}

fn count(n: u64) -> Count {
    Count { n, more: false }
}

fn worker(role: &str, state: &str) -> WorkerRow {
    WorkerRow {
        id: "wkr_01jb3q8d1vxh2n5c7e9g0k4m6p".to_owned(),
        role: role.to_owned(),
        state: state.to_owned(),
        threads: 2,
        seen_at: NOW - 3_000_000,
    }
}

pub fn dashboard(lang: Lang) -> Dashboard {
    let progress = Progress {
        l: lang,
        label: "Training".to_owned(),
        done: 1240,
        total: Some(2880),
        unit: "steps".to_owned(),
        rate: Some(41_230.0),
        tokens: Some(9_120.0),
        remaining: Some(13.4),
    };
    Dashboard {
        counts: Counts {
            datasets: count(3),
            runs: count(7),
            models: count(4),
            deployments: count(1),
        },
        next: Next::Watch("run_trec".to_owned(), "trec questions".to_owned()),
        active: vec![Active {
            run: run_row("trec questions", "running", 1, None),
            progress: Some(progress),
        }],
        recent: vec![
            run_row("support messages", "succeeded", 42, Some(0.936)),
            run_row("sentiment, second try", "failed", 300, None),
            run_row("reviews", "cancelled", 3000, None),
        ],
        evaluation: Some(LastEvaluation {
            run_id: "run_support".to_owned(),
            run_name: "support messages".to_owned(),
            at: NOW - 41 * MINUTE,
            result: Outcome::Classes(evaluation()),
        }),
        workers: vec![worker("host", "ready"), worker("jobs", "running")],
    }
}

fn dataset_row(name: &str, state: &str, rows: Option<u64>, minutes: i64) -> DatasetRow {
    DatasetRow {
        id: format!("ds_{}", name.replace(' ', "")),
        name: name.to_owned(),
        state: state.to_owned(),
        rows,
        labels: rows.map(|_| 6),
        bytes: 1_402_331,
        created_at: NOW - minutes * MINUTE,
    }
}

pub fn dataset_list() -> DatasetList {
    DatasetList {
        rows: vec![
            dataset_row("support messages", "ready", Some(2100), 50),
            dataset_row("trec questions", "importing", None, 1),
            dataset_row("영화 감상평", "ready", Some(48_992), 4000),
            dataset_row(
                "notes from the old system, exported twice",
                "failed",
                None,
                9000,
            ),
        ],
        next: Some("ds_b".to_owned()),
        ..DatasetList::default()
    }
}

pub fn dataset(state: &str) -> DatasetShow {
    DatasetShow {
        id: "ds_01jb3q8d1vxh2n5c7e9g0k4m6p".to_owned(),
        name: "support messages".to_owned(),
        state: state.to_owned(),
        file: "support-messages.csv".to_owned(),
        bytes: 1_402_331,
        created_at: NOW - 5 * MINUTE,
        read: 1200,
        may_edit: true,
        ..DatasetShow::default()
    }
}

pub fn dataset_failed() -> DatasetShow {
    let mut fault = Fault::invalid(
        "malformed_csv",
        "support-messages.csv, row 17: a quote is opened and never closed.",
    )
    .field("text")
    .remedy("Close the quote in row 17, or choose another delimiter.");
    fault.row = Some(17);
    DatasetShow {
        fault: Some(fault),
        ..dataset("failed")
    }
}

pub fn dataset_ready() -> DatasetShow {
    let counts = [
        ("delivery", 455),
        ("billing", 375),
        ("refund", 350),
        ("account", 335),
        ("technical", 320),
        ("praise", 265),
    ];
    let rejected = |row, reason: &str, excerpt: &str| Rejected {
        row,
        reason: reason.to_owned(),
        excerpt: excerpt.to_owned(),
    };
    let texts = [
        "The parcel came a week late and the box was open",
        "환불은 언제 되나요? 일주일째 기다리고 있습니다",
        "You charged me twice this month",
        "<script>alert(1)</script> & \"quotes\"",
    ];
    let rows = (51..=62_u64).map(|n| {
        (
            n,
            texts[n as usize % 4].to_owned(),
            counts[n as usize % 6].0.to_owned(),
        )
    });
    DatasetShow {
        statistics: Some(Statistics {
            rows: 2100,
            rejected_total: 14,
            rejected: vec![
                rejected(17, "The text is empty.", ""),
                rejected(
                    901,
                    "The label comes only once.",
                    "Please call me back about the",
                ),
            ],
            duplicates: 12,
            labels: counts
                .iter()
                .map(|(label, n)| ((*label).to_owned(), *n))
                .collect(),
            lengths: Lengths {
                min: 4,
                median: 61,
                p95: 188,
                max: 2412,
            },
            notices: vec![
                "3 texts are longer than the model reads (256 tokens): their end is ignored."
                    .to_owned(),
            ],
            detected: vec![
                ("delimiter".to_owned(), "comma".to_owned()),
                ("encoding".to_owned(), "utf-8".to_owned()),
                ("header".to_owned(), "text, label".to_owned()),
            ],
        }),
        preview: Preview {
            rows: rows.collect(),
            next: Some(62),
        },
        runs: vec![(
            "run_a".to_owned(),
            "support messages".to_owned(),
            "succeeded".to_owned(),
        )],
        ..dataset("ready")
    }
}

fn log(message: &str, level: &str, seconds: i64) -> LogLine {
    LogLine {
        seq: seconds,
        at: NOW - 90_000_000 + seconds * 1_000_000,
        level: level.to_owned(),
        message: message.to_owned(),
    }
}

pub fn run(state: &str) -> RunShow {
    RunShow {
        id: "run_01jb3q8d1vxh2n5c7e9g0k4m6p".to_owned(),
        name: "support messages".to_owned(),
        state: state.to_owned(),
        base_model: "hanok-encoder".to_owned(),
        dataset_id: "ds_a".to_owned(),
        dataset_name: "support messages".to_owned(),
        created_at: NOW - 2 * MINUTE,
        seconds: Some(21.0),
        settings: [
            ("epochs", "30"),
            ("learning_rate", "0.01"),
            ("held_out", "0.2"),
            ("seed", "17"),
        ]
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .to_vec(),
        metrics: metrics(420),
        total_steps: Some(2880),
        log: vec![
            log("leased by wkr_01jb3q8d1v, epoch 1, 2 threads", "info", 0),
            log(
                "1,680 rows for training, 420 held out by hash of the text",
                "info",
                1,
            ),
            log(
                "3 texts are longer than 256 tokens: their end is ignored",
                "warn",
                2,
            ),
            log("epoch 1: loss 1.412, validation accuracy 0.641", "info", 4),
        ],
        may_edit: true,
        after: "run_01jb3q8d1vxh2n5c7e9g0k4m6p:512".to_owned(),
        ..RunShow::default()
    }
}

pub fn run_done() -> RunShow {
    RunShow {
        metrics: metrics(720),
        evaluation: Some(evaluation()),
        model: Some((
            "model_a".to_owned(),
            "ft:hanok-encoder:support:a1b2".to_owned(),
        )),
        ..run("succeeded")
    }
}

pub fn run_failed() -> RunShow {
    let fault = Fault::invalid(
        "single_class",
        "After the split every training row has the label 'praise'.",
    )
    .remedy("Add rows of at least one other label.");
    RunShow {
        fault: Some(fault),
        metrics: Vec::new(),
        log: vec![log("single_class: nothing to learn", "error", 0)],
        ..run("failed")
    }
}

pub fn deployments() -> Deployments {
    let row = |id: &str, model: &str, state: &str| DeploymentRow {
        id: id.to_owned(),
        model_id: "model_a".to_owned(),
        model: model.to_owned(),
        state: state.to_owned(),
        fault: None,
        created_at: NOW - 40 * MINUTE,
    };
    let scores = [
        ("billing", 0.948),
        ("refund", 0.041),
        ("account", 0.008),
        ("technical", 0.002),
        ("delivery", 0.001),
        ("praise", 0.0),
    ];
    Deployments {
        rows: vec![
            row("dep_a", "ft:hanok-encoder:support-messages:a1b2", "ready"),
            row("dep_b", "ft:hanok-encoder:trec:9f00", "failed"),
        ],
        model: "ft:hanok-encoder:support-messages:a1b2".to_owned(),
        text: "You charged me twice this month".to_owned(),
        answer: Some(Ok(Tried {
            scores: scores
                .map(|(label, score)| Score {
                    label: label.to_owned(),
                    score,
                })
                .to_vec(),
            milliseconds: 1.8,
        })),
        may_edit: true,
    }
}
