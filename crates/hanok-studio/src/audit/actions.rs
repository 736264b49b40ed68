//! Every action that the log knows, in one table: what is written elsewhere is in it (a test sees to it), and
//! `docs/operate/audit.md` has the same table.

/// An action and when it is written.
pub struct Action {
    /// `noun.verb`.
    pub name: &'static str,
    /// When.
    pub meaning: &'static str,
}

const fn action(name: &'static str, meaning: &'static str) -> Action {
    Action { name, meaning }
}

/// The actions, by noun.
#[rustfmt::skip]
pub const ACTIONS: &[Action] = &[
    action("access.deny", "Requests with a credential that is not valid, or that may not do this. Alike ones within a second are one row with their number."),
    action("audit.export", "The log was exported."),
    action("audit.verify", "The chain of the log was recomputed; the outcome is `failed` where it does not hold."),
    action("audit.view", "An administrator or owner looked at the log; once an hour for each credential and address."),
    action("dataset.create", "A data set was uploaded."),
    action("dataset.delete", "A data set was put into the bin."),
    action("deployment.create", "A model was deployed."),
    action("deployment.stop", "A deployment was stopped."),
    action("eval.start", "An evaluation was started."),
    action("file.create", "A file was uploaded."),
    action("file.delete", "A file was put into the bin."),
    action("file.download", "The content of a file was read."),
    action("fine_tune.cancel", "A fine-tuning job was cancelled."),
    action("fine_tune.create", "A fine-tuning job was started."),
    action("fine_tune.pause", "A fine-tuning job was paused."),
    action("fine_tune.resume", "A fine-tuning job goes on."),
    action("fsck.repair", "A check of the installation mended something."),
    action("job.cancel", "A job was cancelled."),
    action("key.create", "An API key was made."),
    action("key.revoke", "An API key was revoked."),
    action("key.use", "An API key was used; once a day for each key and address."),
    action("model.delete", "A model was put into the bin."),
    action("model.download", "Files of a model were read."),
    action("model.import", "A model was brought."),
    action("run.cancel", "A run was cancelled."),
    action("run.export", "The figures of a run were exported."),
    action("run.pause", "A run was paused."),
    action("run.resume", "A run goes on."),
    action("run.start", "A run was started."),
    action("session.sign_in", "Somebody signed in, or tried to."),
    action("session.sign_out", "Somebody signed out."),
    action("sign_in_secret.create", "A one-time secret for the pages was made."),
    action("store.migrate", "The rows were moved to this database."),
    action("user.create", "An account was made."),
];

/// Whether this is an action of the log.
pub fn is_known(name: &str) -> bool {
    ACTIONS.iter().any(|action| action.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn sources(folder: &Path, out: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, out);
            } else if path.extension().is_some_and(|kind| kind == "rs")
                && !path.ends_with("actions.rs")
            {
                out.push(std::fs::read_to_string(&path).unwrap());
            }
        }
    }

    /// The texts `"noun.verb"` that stand where a deed is made.
    fn written() -> BTreeSet<String> {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut texts = Vec::new();
        for name in ["hanok-studio", "hanok-web", "hanok"] {
            sources(&crates.join(name).join("src"), &mut texts);
        }
        let mut found = BTreeSet::new();
        for text in &texts {
            for mark in ["Deed::done(", "Deed::failed(", "Deed::denied("] {
                for rest in text.split(mark).skip(1) {
                    let literal = rest.trim_start().strip_prefix('"');
                    found.extend(literal.and_then(|l| l.split('"').next()).map(str::to_owned));
                }
            }
        }
        found
    }

    #[test]
    fn g02_every_action_that_is_written_is_in_the_table_and_the_other_way_round() {
        let written = written();
        let known: BTreeSet<String> = ACTIONS.iter().map(|a| a.name.to_owned()).collect();
        let strange: Vec<_> = written.difference(&known).collect();
        assert!(
            strange.is_empty(),
            "not in the table of actions: {strange:?}"
        );
        let unused: Vec<_> = known.difference(&written).collect();
        assert!(unused.is_empty(), "never written: {unused:?}");
    }

    #[test]
    fn the_page_for_operators_has_the_table() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let page = std::fs::read_to_string(root.join("docs/operate/audit.md")).unwrap();
        for action in ACTIONS {
            let row = format!("| `{}` | {} |", action.name, action.meaning);
            assert!(page.contains(&row), "docs/operate/audit.md lacks: {row}");
        }
    }

    #[test]
    fn the_table_is_sorted_and_says_noun_and_verb() {
        assert!(ACTIONS.windows(2).all(|pair| pair[0].name < pair[1].name));
        for action in ACTIONS {
            let (noun, verb) = action.name.split_once('.').unwrap();
            let plain = |text: &str| text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            assert!(plain(noun) && plain(verb), "{}", action.name);
            assert!(action.meaning.ends_with('.') && !action.meaning.contains('|'));
        }
        assert!(is_known("key.create") && !is_known("key.steal"));
    }
}
