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
    action("account.locked", "Too many sign-ins failed; the account is locked for a while."),
    action("account.password", "Somebody changed their password; their other sessions ended."),
    action("account.register", "Somebody asked for an account."),
    action("account.rename", "Somebody changed their name."),
    action("account.reset", "A password was set by a link from a mail or an administrator."),
    action("account.reset_ask", "Somebody asked for a link to set a new password."),
    action("account.reset_link", "An administrator made a link to set a new password."),
    action("account.session_end", "A session was ended by its owner or an administrator."),
    action("account.sessions_end", "All other sessions of an account were ended."),
    action("account.sign_in", "Somebody signed in, or tried to."),
    action("account.sign_out", "Somebody signed out."),
    action("account.verify", "The address of an account was verified."),
    action("audit.export", "The log was exported."),
    action("audit.verify", "The chain of the log was recomputed; the outcome is `failed` where it does not hold."),
    action("audit.view", "An administrator or owner looked at the log; once an hour for each credential and address."),
    action("dataset.create", "A data set was uploaded."),
    action("dataset.delete", "A data set was put into the bin."),
    action("dataset.receive", "The project got a copy of another project's data set."),
    action("dataset.share", "Another project was given a copy of the data set."),
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
    action("identity.link", "An account got an identity at the provider."),
    action("invitation.create", "Somebody was invited."),
    action("invitation.revoke", "An invitation was taken back."),
    action("invitation.use", "An invitation was followed."),
    action("job.cancel", "A job was cancelled."),
    action("key.create", "An API key was made."),
    action("key.revoke", "An API key was revoked."),
    action("key.rotate", "An API key was followed by a new one."),
    action("key.use", "An API key was used; once a day for each key and address."),
    action("member.add", "Somebody came into a project."),
    action("member.change", "A member got another role in a project."),
    action("member.remove", "A member was taken out of a project."),
    action("model.delete", "A model was put into the bin."),
    action("model.download", "Files of a model were read."),
    action("model.import", "A model was brought."),
    action("model.receive", "The project got a copy of another project's model."),
    action("model.share", "Another project was given a copy of the model."),
    action("project.create", "A project was made."),
    action("project.delete", "A project was put into the bin."),
    action("project.erase", "A project was erased with all that it owned."),
    action("project.leave", "Somebody left a project."),
    action("project.rename", "A project got another name."),
    action("project.restore", "A project came back from the bin."),
    action("run.cancel", "A run was cancelled."),
    action("run.export", "The figures of a run were exported."),
    action("run.pause", "A run was paused."),
    action("run.resume", "A run goes on."),
    action("run.start", "A run was started."),
    action("second_factor.check", "A code of a second factor was wrong."),
    action("second_factor.confirm", "A second factor is in use from now on."),
    action("second_factor.disable", "A second factor was taken away."),
    action("second_factor.offer", "A secret for a second factor was offered."),
    action("second_factor.renew_codes", "Recovery codes were made anew."),
    action("service_account.create", "A service account was made."),
    action("service_account.delete", "A service account was deleted with its keys."),
    action("sign_in_secret.create", "A one-time secret for the pages was made."),
    action("store.migrate", "The rows were moved to this database."),
    action("token.issue", "A pair of tokens was made for somebody who proved who they are, or was refused."),
    action("token.refresh", "A refresh token was used for the next pair."),
    action("token.reuse_detected", "A refresh token came a second time; its session ended."),
    action("token.revoke", "A session of tokens was ended."),
    action("user.approve", "An administrator approved an account."),
    action("user.create", "An account was made."),
    action("user.delete", "An account was deleted."),
    action("user.disable", "An account was disabled; its sessions ended."),
    action("user.enable", "An account was enabled."),
    action("user.role", "An account got another role."),
    action("user.update", "An administrator changed an account."),
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

    /// All that the studio, its surface and its commands are written in.
    fn texts() -> Vec<String> {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut texts = Vec::new();
        for name in ["hanok-studio", "hanok-web", "hanok"] {
            sources(&crates.join(name).join("src"), &mut texts);
        }
        texts
    }

    /// The texts `"noun.verb"` that stand where a deed is made.
    fn written(texts: &[String]) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for text in texts {
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
        let texts = texts();
        let written = written(&texts);
        let known: BTreeSet<String> = ACTIONS.iter().map(|a| a.name.to_owned()).collect();
        let strange: Vec<_> = written.difference(&known).collect();
        assert!(
            strange.is_empty(),
            "not in the table of actions: {strange:?}"
        );
        // Some are chosen before the deed is made.
        let stands = |name: &&String| {
            texts
                .iter()
                .any(|text| text.contains(&format!("\"{name}\"")))
        };
        let unused: Vec<_> = known.iter().filter(|name| !stands(name)).collect();
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
