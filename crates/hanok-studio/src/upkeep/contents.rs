//! Objects against the rows that name them, and objects that none names.

use hanok_blobs::{Condition, ObjectError, ObjectRef, ProjectKey, Stored};
use hanok_domain::fault::Fault;

use super::snapshot::Snapshot;
use super::{Fsck, Report};
use crate::studio::Studio;

impl Studio {
    pub(super) async fn check_objects(
        &self,
        key: &ProjectKey,
        how: &Fsck,
        snapshot: &Snapshot,
        report: &mut Report,
    ) -> Result<(), Fault> {
        for (hash, size) in &snapshot.noted {
            let name = ObjectRef {
                hash: hash.clone(),
                size: *size,
            };
            let condition = self.condition(key, &name, how.fast).await;
            report.objects += 1;
            if !how.fast {
                report.bytes += size;
            }
            tell(report, snapshot, &name, condition);
        }
        for named in &snapshot.named {
            let object = &named.object;
            match snapshot.noted.get(&object.hash) {
                Some(size) if *size == object.size => {}
                Some(size) => {
                    let text = format!(
                        "It names {} bytes at {}, where {size} are noted.",
                        object.size, object.hash
                    );
                    report.found("object_named_wrongly", &named.by, text);
                }
                None => {
                    let text = format!("It names {}, which is not noted.", object.hash);
                    report.found("object_not_noted", &named.by, text);
                }
            }
        }
        for row in &snapshot.damaged {
            let text = "What it consists of cannot be read. Restore a backup, or delete it.";
            report.found("row_damaged", row, text);
        }
        Ok(())
    }

    async fn condition(
        &self,
        key: &ProjectKey,
        name: &ObjectRef,
        fast: bool,
    ) -> Result<Condition, ObjectError> {
        let (objects, key, name) = (self.objects().clone(), key.clone(), name.clone());
        let look = move || objects.check_blocking(&key.id, &name, (!fast).then_some(&key));
        let looked = tokio::task::spawn_blocking(look).await;
        looked.unwrap_or_else(|error| Err(ObjectError::Source(error.into())))
    }

    pub(super) fn check_unreferenced(
        &self,
        project: &str,
        how: &Fsck,
        snapshot: &Snapshot,
        stored: &[Stored],
        report: &mut Report,
    ) -> Result<(), Fault> {
        let free = stored
            .iter()
            .filter(|object| !snapshot.noted.contains_key(&object.hash));
        for object in free {
            report.unreferenced.add(object.size, object.idle);
            if object.idle < how.grace {
                continue;
            }
            let hours = object.idle.as_secs() / 3600;
            let text = format!("No row names this object; it is {hours} hours old.");
            if how.repair
                && self
                    .objects()
                    .delete_idle(project, &object.hash, how.grace)?
            {
                report.unreferenced.removed += 1;
                report.mended("object_unreferenced", &object.hash, text);
            } else {
                report.found("object_unreferenced", &object.hash, text);
            }
        }
        Ok(())
    }
}

fn tell(
    report: &mut Report,
    snapshot: &Snapshot,
    name: &ObjectRef,
    condition: Result<Condition, ObjectError>,
) {
    let (code, what) = match condition {
        Ok(Condition::Whole) => return,
        Ok(Condition::Missing) => ("object_missing", "is not on the disk".to_owned()),
        Ok(Condition::Length(found)) => (
            "object_wrong_length",
            format!("has {found} bytes instead of {}", name.size),
        ),
        Ok(Condition::Corrupt) => ("object_corrupt", "holds other bytes".to_owned()),
        Err(error) => ("object_unreadable", format!("cannot be read: {error}")),
    };
    let users = snapshot
        .named
        .iter()
        .filter(|named| named.object.hash == name.hash);
    let mut users: Vec<&str> = users.map(|named| named.by.as_str()).collect();
    users.dedup();
    let needed = if users.is_empty() {
        String::new()
    } else {
        format!(" It belongs to {}.", users.join(", "))
    };
    let remedy = "Store the same file again, or restore a backup.";
    report.found(
        code,
        &name.hash,
        format!("The object {what}.{needed} {remedy}"),
    );
}
