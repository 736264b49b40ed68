//! A training that is ended at any moment goes on to the same bits; broken checkpoints are put aside.

use std::fs;
use std::path::{Path, PathBuf};

use hanok_train::sft::{self, Method, SftConfig};
use hanok_train::{Checkpoints, Flow, MOST_TOKENS, Out, TrainError, TrainEvent};

use super::sft::{base, config as settings, rows};

fn config(method: Method) -> SftConfig {
    SftConfig {
        epochs: 3,
        ..settings(method)
    }
}

fn kept(run: &Path, attempt: &str) -> Checkpoints {
    Checkpoints {
        every_steps: Some(1),
        ..Checkpoints::new(run.to_owned(), attempt)
    }
}

/// Trains into `out`; stops when `stop` says so.
fn train(
    method: Method,
    out: &Path,
    checkpoints: Option<&Checkpoints>,
    stop: impl FnMut(&TrainEvent) -> bool,
) -> Result<usize, TrainError> {
    let out = Out {
        model: out,
        checkpoints,
        most_tokens: MOST_TOKENS,
    };
    train_to(method, out, stop)
}

fn train_to(
    method: Method,
    out: Out<'_>,
    mut stop: impl FnMut(&TrainEvent) -> bool,
) -> Result<usize, TrainError> {
    let mut steps = 0;
    let mut observe = |event: &TrainEvent| {
        steps += usize::from(matches!(event, TrainEvent::Step { .. }));
        match stop(event) {
            true => Flow::Stop,
            false => Flow::Continue,
        }
    };
    let (all, unseen) = (rows(36), rows(41).split_off(36));
    sft::train(&base(), &all, &unseen, &config(method), out, &mut observe)?;
    Ok(steps)
}

fn weights(method: Method, dir: &Path) -> Vec<u8> {
    let file = match method {
        Method::Lora => "adapter_model.safetensors",
        Method::Full => "model.safetensors",
    };
    fs::read(dir.join(file)).expect("the weights")
}

/// The checkpoints of a run, oldest first.
fn stored(run: &Path) -> Vec<PathBuf> {
    let folders = |dir: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(dir).expect("a folder").flatten();
        entries.map(|entry| entry.path()).collect()
    };
    let mut all: Vec<PathBuf> = folders(run).iter().flat_map(|dir| folders(dir)).collect();
    all.retain(|path| {
        path.file_name()
            .is_some_and(|n| n.to_string_lossy().starts_with("step-"))
    });
    all.sort_by_key(|path| path.file_name().map(ToOwned::to_owned));
    all
}

#[test]
fn goes_on_from_any_step_to_the_same_bits() {
    for method in [Method::Lora, Method::Full] {
        let dir = tempfile::tempdir().expect("a folder");
        let whole = dir.path().join("whole");
        let steps = train(method, &whole, None, |_| false).expect("trains");
        for stop_at in 1..=steps {
            let run = dir.path().join(format!("run-{stop_at}"));
            let out = run.join("out");
            let first = kept(&run, "one");
            let stopped = train(
                method,
                &out,
                Some(&first),
                |event| matches!(event, TrainEvent::Step { step, .. } if *step == stop_at),
            );
            assert_eq!(stopped, Err(TrainError::Stopped { step: stop_at }));
            let mut from = None;
            let second = kept(&run, "two");
            let left = train(method, &out, Some(&second), |event| {
                if let TrainEvent::Resumed { step, broken } = event {
                    assert!(broken.is_empty(), "{broken:?}");
                    from = Some(*step);
                }
                false
            });
            assert_eq!(left, Ok(steps - stop_at), "no step is taken twice");
            assert_eq!(from, Some(stop_at));
            assert_eq!(
                weights(method, &out),
                weights(method, &whole),
                "step {stop_at}"
            );
        }
    }
}

#[test]
fn keeps_the_newest_and_the_best() {
    let dir = tempfile::tempdir().expect("a folder");
    let run = dir.path().join("run");
    let checkpoints = kept(&run, "one");
    let mut judged: Vec<(usize, f32)> = Vec::new();
    train(
        Method::Lora,
        &dir.path().join("out"),
        Some(&checkpoints),
        |event| {
            if let TrainEvent::Epoch {
                step,
                validation_loss,
                ..
            } = event
            {
                judged.push((*step, validation_loss.expect("there are rows to judge by")));
            }
            false
        },
    )
    .expect("trains");
    // The last epoch is judged after the last checkpoint.
    let (last, before) = judged.split_last().expect("epochs");
    let best = before
        .iter()
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .expect("epochs")
        .0;
    let names: Vec<usize> = stored(&run)
        .iter()
        .filter_map(|path| {
            path.file_name()?
                .to_str()?
                .strip_prefix("step-")?
                .parse()
                .ok()
        })
        .collect();
    let steps = last.0;
    let mut expected = vec![best, steps - 1, steps];
    expected.sort_unstable();
    expected.dedup();
    assert_eq!(names, expected);
}

/// What a disk or a person can do to a file.
#[derive(Debug, Clone, Copy)]
enum Harm {
    Truncate,
    Empty,
    Flip,
    Remove,
    Link,
}

fn harm(path: &Path, how: Harm) {
    let bytes = fs::read(path).expect("readable");
    match how {
        Harm::Truncate => fs::write(path, &bytes[..bytes.len() / 2]).expect("written"),
        Harm::Empty => fs::write(path, b"").expect("written"),
        Harm::Flip => {
            let mut bytes = bytes;
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            fs::write(path, bytes).expect("written");
        }
        Harm::Remove => fs::remove_file(path).expect("removed"),
        Harm::Link => {
            let aside = path.with_extension("aside");
            fs::rename(path, &aside).expect("renamed");
            std::os::unix::fs::symlink(&aside, path).expect("linked");
        }
    }
}

#[test]
fn f74_a_torn_checkpoint_is_put_aside_and_the_one_before_is_used() {
    let dir = tempfile::tempdir().expect("a folder");
    let whole = dir.path().join("whole");
    let steps = train(Method::Lora, &whole, None, |_| false).expect("trains");
    let files = ["numbers.safetensors", "state.json", "manifest.json"];
    let harms = [
        Harm::Truncate,
        Harm::Empty,
        Harm::Flip,
        Harm::Remove,
        Harm::Link,
    ];
    for file in files {
        for how in harms {
            let run = dir.path().join(format!("{file}-{how:?}"));
            let out = run.join("out");
            train(Method::Lora, &out, Some(&kept(&run, "one")), |event| {
                matches!(event, TrainEvent::Step { step: 5, .. })
            })
            .expect_err("stops");
            harm(&stored(&run).pop().expect("a checkpoint").join(file), how);
            let mut told = None;
            let left = train(Method::Lora, &out, Some(&kept(&run, "two")), |event| {
                if let TrainEvent::Resumed { step, broken } = event {
                    told = Some((*step, broken.len()));
                }
                false
            });
            assert_eq!(told, Some((4, 1)), "{file} {how:?}");
            assert_eq!(left, Ok(steps - 4));
            assert_eq!(weights(Method::Lora, &out), weights(Method::Lora, &whole));
        }
    }
}

#[test]
fn f74_without_a_whole_checkpoint_only_a_word_begins_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let run = dir.path().join("run");
    let out = run.join("out");
    let stop = |event: &TrainEvent| matches!(event, TrainEvent::Step { step: 3, .. });
    train(Method::Lora, &out, Some(&kept(&run, "one")), stop).expect_err("stops");
    for checkpoint in stored(&run) {
        harm(&checkpoint.join("state.json"), Harm::Flip);
    }
    for attempt in ["two", "three"] {
        let refused = train(Method::Lora, &out, Some(&kept(&run, attempt)), |_| false);
        let refused = refused.expect_err("refused, and the second time too");
        assert_eq!(refused.code(), "checkpoints_broken", "{refused}");
    }
    let again = Checkpoints {
        from_zero: true,
        ..kept(&run, "four")
    };
    train(Method::Lora, &out, Some(&again), |_| false).expect("begins again");
}

#[test]
fn other_settings_or_rows_do_not_fit() {
    let dir = tempfile::tempdir().expect("a folder");
    let run = dir.path().join("run");
    let stop = |event: &TrainEvent| matches!(event, TrainEvent::Step { step: 3, .. });
    let out = run.join("out");
    train(Method::Lora, &out, Some(&kept(&run, "one")), stop).expect_err("stops");
    let two = kept(&run, "two");
    let to = Out {
        model: &out,
        checkpoints: Some(&two),
        most_tokens: MOST_TOKENS,
    };
    let error = sft::train(
        &base(),
        &rows(35),
        &[],
        &config(Method::Lora),
        to,
        &mut |_| Flow::Continue,
    );
    let error = error.expect_err("refused").to_string();
    assert!(error.contains("other settings or rows"), "{error}");
}

#[test]
fn f76_a_link_in_the_place_of_the_folder_is_not_followed() {
    let dir = tempfile::tempdir().expect("a folder");
    let (elsewhere, run) = (dir.path().join("elsewhere"), dir.path().join("run"));
    fs::create_dir_all(elsewhere.join("one")).expect("made");
    std::os::unix::fs::symlink(&elsewhere, &run).expect("linked");
    let refused = train(
        Method::Lora,
        &dir.path().join("out"),
        Some(&kept(&run, "one")),
        |_| false,
    );
    let refused = refused.expect_err("refused");
    assert_eq!(refused.code(), "checkpoint_failed");
    assert!(refused.to_string().contains("is a link"), "{refused}");
    assert_eq!(
        fs::read_dir(elsewhere.join("one")).expect("there").count(),
        0
    );
}

#[test]
fn f76_a_folder_that_cannot_be_written_ends_the_run_with_the_reason() {
    let dir = tempfile::tempdir().expect("a folder");
    // A file in the folder's place: it stops root as well, whom modes do not stop.
    fs::write(dir.path().join("run"), b"").expect("written");
    let run = dir.path().join("run");
    let failed = train(
        Method::Lora,
        &dir.path().join("out"),
        Some(&kept(&run, "one")),
        |_| false,
    );
    assert_eq!(failed.expect_err("refused").code(), "checkpoint_failed");
}

#[test]
fn f76_a_folder_that_is_deleted_on_the_way_is_made_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let whole = dir.path().join("whole");
    let steps = train(Method::Lora, &whole, None, |_| false).expect("trains");
    let (run, out) = (dir.path().join("run"), dir.path().join("out"));
    let stopped = train(Method::Lora, &out, Some(&kept(&run, "one")), |event| {
        if matches!(event, TrainEvent::Step { step: 3, .. }) {
            fs::remove_dir_all(&run).expect("removed");
        }
        matches!(event, TrainEvent::Step { step: 5, .. })
    });
    assert_eq!(stopped.expect_err("stops"), TrainError::Stopped { step: 5 });
    let left = train(Method::Lora, &out, Some(&kept(&run, "two")), |_| false);
    assert_eq!(left, Ok(steps - 5));
    assert_eq!(weights(Method::Lora, &out), weights(Method::Lora, &whole));
}

#[test]
fn f72_less_at_once_goes_on_from_the_same_checkpoint_to_the_same_model() {
    let dir = tempfile::tempdir().expect("a folder");
    let whole = dir.path().join("whole");
    let steps = train(Method::Lora, &whole, None, |_| false).expect("trains");
    let (run, model) = (dir.path().join("run"), dir.path().join("out"));
    train(Method::Lora, &model, Some(&kept(&run, "one")), |event| {
        matches!(event, TrainEvent::Step { step: 3, .. })
    })
    .expect_err("stops");
    let two = kept(&run, "two");
    let out = Out {
        model: &model,
        checkpoints: Some(&two),
        most_tokens: 64,
    };
    assert_eq!(train_to(Method::Lora, out, |_| false), Ok(steps - 3));
    let ours = weights(Method::Lora, &model);
    assert_eq!(ours, weights(Method::Lora, &whole));
}

/// Copies a folder of files.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        fs::copy(entry.path(), to.join(entry.file_name())).expect("copied");
    }
}

#[test]
fn f09_whatever_a_killed_writer_leaves_is_not_taken_for_a_checkpoint() {
    let dir = tempfile::tempdir().expect("a folder");
    let whole = dir.path().join("whole");
    let steps = train(Method::Lora, &whole, None, |_| false).expect("trains");
    // In the order in which they are written; the marker comes after the name.
    let files = [
        "numbers.safetensors",
        "state.json",
        "manifest.json",
        "complete",
    ];
    for (count, named) in [(0, false), (1, false), (2, false), (3, false), (3, true)] {
        let run = dir.path().join(format!("run-{count}-{named}"));
        let out = run.join("out");
        train(Method::Lora, &out, Some(&kept(&run, "one")), |event| {
            matches!(event, TrainEvent::Step { step: 4, .. })
        })
        .expect_err("stops");
        let newest = stored(&run).pop().expect("a checkpoint");
        let left = newest.with_file_name(if named {
            "step-000000009"
        } else {
            "tmp-step-000000009"
        });
        copy(&newest, &left);
        for file in &files[count..] {
            fs::remove_file(left.join(file)).expect("removed");
        }
        let mut told = None;
        let left = train(Method::Lora, &out, Some(&kept(&run, "two")), |event| {
            if let TrainEvent::Resumed { step, broken } = event {
                told = Some((*step, broken.len()));
            }
            false
        });
        assert_eq!(told, Some((4, 0)), "{count} files, named {named}");
        assert_eq!(left, Ok(steps - 4));
        assert_eq!(weights(Method::Lora, &out), weights(Method::Lora, &whole));
    }
}

/// Names the folder in which the test's own child works.
const CHILD: &str = "CHECKPOINT_CHILD";

/// Does nothing unless it is the child of the test below.
#[test]
fn child_that_trains_under_checkpoints() {
    let Some(dir) = std::env::var_os(CHILD).map(PathBuf::from) else {
        return;
    };
    let checkpoints = kept(&dir.join("run"), &format!("{}", std::process::id()));
    train(
        Method::Lora,
        &dir.join("out"),
        Some(&checkpoints),
        |event| matches!(event, TrainEvent::Step { step: 3, .. }),
    )
    .expect_err("stops");
}

/// Runs the child until its `when`th call of this kind; whether it was killed there.
fn killed_at(dir: &Path, call: &str, when: usize) -> bool {
    let program = std::env::current_exe().expect("this test");
    let ended = std::process::Command::new("strace")
        .args(["-f", "-qq", "-o", "/dev/null"])
        .args(["-e", &format!("trace={call}")])
        .args(["-e", &format!("inject={call}:signal=SIGKILL:when={when}")])
        .arg(program)
        .args([
            "--exact",
            "checkpoints::child_that_trains_under_checkpoints",
        ])
        .env(CHILD, dir)
        .output()
        .expect("strace runs");
    !ended.status.success()
}

#[test]
fn f09_a_writer_killed_at_every_call_loses_at_most_a_step() {
    if std::env::var_os("HANOK_TEST_FULL").is_none() {
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    let whole = dir.path().join("whole");
    train(Method::Lora, &whole, None, |_| false).expect("trains");
    let mut points = 0;
    for call in [
        "write", "fsync", "rename", "mkdir", "openat", "unlinkat", "rmdir",
    ] {
        for when in 1.. {
            let place = dir.path().join(format!("{call}-{when}"));
            fs::create_dir(&place).expect("made");
            if !killed_at(&place, call, when) {
                break;
            }
            points += 1;
            let run = place.join("run");
            let mut lost = Vec::new();
            train(
                Method::Lora,
                &place.join("out"),
                Some(&kept(&run, "after")),
                |event| {
                    if let TrainEvent::Resumed { broken, .. } = event {
                        lost.clone_from(broken);
                    }
                    false
                },
            )
            .unwrap_or_else(|e| panic!("{call} {when}: {e}"));
            assert!(lost.is_empty(), "{call} {when}: {lost:?}");
            assert_eq!(
                weights(Method::Lora, &place.join("out")),
                weights(Method::Lora, &whole),
                "{call} {when}"
            );
            fs::remove_dir_all(&place).expect("removed");
        }
    }
    println!("killed at {points} points");
    assert!(points > 50, "{points} points only");
}
