//! The check of everything: the database file, then each project's objects and states, then leftovers.

use std::time::Duration;

use hanok_blobs::ProjectKey;
use hanok_domain::fault::Fault;
use hanok_domain::state::ModelState;
use hanok_store::rows::projects::Project;
use serde_json::json;

use super::snapshot::Snapshot;
use super::states::States;
use super::{Fsck, Report};
use crate::audit::{Deed, record_system};
use crate::models;
use crate::studio::Studio;

/// A server looks for silent workers this often at least, beside their lease.
const SWEEP: Duration = Duration::from_secs(10);

impl Studio {
    /// Checks the installation. What other work does meanwhile is never taken for damage: objects come
    /// before their rows, and leftovers count only from an age on.
    ///
    /// # Errors
    /// Only when rows or folders cannot be read at all; what is wrong is in the report.
    pub async fn fsck(&self, how: &Fsck) -> Result<Report, Fault> {
        let mut report = Report {
            clean: true,
            fast: how.fast,
            ..Report::default()
        };
        for damage in self.store().damage().await? {
            let text = format!("The database is damaged: {damage}. Restore a backup.");
            report.found("database_damaged", "database", text);
        }
        if how.repair && how.alone {
            self.mend_jobs(&mut report).await?;
        }
        let projects: Vec<Project> = self
            .store()
            .read(|tx| async move { tx.projects().list().await })
            .await?;
        for project in &projects {
            self.check_project(project, how, &mut report).await?;
        }
        for folder in self.objects().projects()? {
            if !projects.iter().any(|project| project.id == folder) {
                let text = "Objects of a project that the database does not know: is it the right \
                            database, or an old backup? They are never removed.";
                report.found("project_unknown", &folder, text);
            }
        }
        self.check_leftovers(how, &mut report)?;
        self.check_audit(how, &mut report).await?;
        Ok(report)
    }

    /// The chain of the audit log; and a row in it where something was mended.
    async fn check_audit(&self, how: &Fsck, report: &mut Report) -> Result<(), Fault> {
        if !how.fast {
            for found in self.verify_chain(&mut |_, _| {}).await?.findings {
                let code = format!("audit_{}", found.code);
                let subject = found.id.unwrap_or_else(|| found.seq.to_string());
                report.found(&code, &subject, found.message);
            }
        }
        let mended = report.findings.iter().filter(|found| found.repaired);
        let mended: Vec<String> = mended
            .map(|found| found.subject.clone())
            .take(100)
            .collect();
        if mended.is_empty() {
            return Ok(());
        }
        let mended = &mended;
        self.store()
            .write(|tx| async move {
                let deed = Deed::done("fsck.repair", "installation", "all");
                let deed = deed.detail(json!({ "mended": mended }));
                Ok(record_system(&tx, deed).await?)
            })
            .await
    }

    async fn check_project(
        &self,
        project: &Project,
        how: &Fsck,
        report: &mut Report,
    ) -> Result<(), Fault> {
        let id = project.id.as_str();
        // The disk first: an object that is listed and has no row afterwards is a leftover for sure.
        let stored = self.objects().stored(id)?;
        let mut snapshot = self
            .store()
            .read(|tx| async move { Snapshot::read(&tx, id).await })
            .await?;
        if how.repair && how.alone {
            snapshot = self.mend_stranded(id, snapshot, report).await?;
        }
        let key = ProjectKey::from_hex(id, project.object_key.expose())?;
        let before = report.number();
        self.check_objects(&key, how, &snapshot, report).await?;
        let whole = !how.fast && report.number() == before;
        self.check_broken(id, &snapshot, how.repair && whole, report)
            .await?;
        self.check_unreferenced(id, how, &snapshot, &stored, report)?;
        let patience = if how.alone {
            Duration::ZERO
        } else {
            self.timing().lease + SWEEP
        };
        States::of(&snapshot, patience).check(report);
        Ok(())
    }

    /// Models whose files could not be loaded: ready again, if every object of the project is whole.
    async fn check_broken(
        &self,
        project: &str,
        snapshot: &Snapshot,
        mend: bool,
        report: &mut Report,
    ) -> Result<(), Fault> {
        let broken = snapshot.models.iter();
        for (id, ..) in broken.filter(|(_, state, _)| *state == ModelState::Broken) {
            if mend {
                self.store()
                    .write(|tx| async move { models::whole_again(&tx, project, id).await })
                    .await?;
                let text = "Its files are whole again; the model is ready.";
                report.mended("model_broken", id, text);
            } else {
                let text = "Its files could not be loaded. Restore them from a backup and check \
                            again with --repair, or delete the model.";
                report.found("model_broken", id, text);
            }
        }
        Ok(())
    }

    /// Takes back jobs whose holders are gone, as a server does a while after its start.
    async fn mend_jobs(&self, report: &mut Report) -> Result<(), Fault> {
        let expired: Vec<_> = self
            .store()
            .read(|tx| async move { tx.jobs().expired(1000).await })
            .await?;
        if expired.is_empty() {
            return Ok(());
        }
        self.reap().await?;
        for job in expired {
            let now: Option<_> = self
                .store()
                .read(|tx| {
                    let id = job.id.clone();
                    async move { tx.jobs().by_id(&id).await }
                })
                .await?;
            if let Some(now) = now.filter(|now| now.state != job.state) {
                let text = format!("Its worker is gone; the job is {} now.", now.state);
                report.mended("job_without_lease", &job.id, text);
            }
        }
        Ok(())
    }
}
