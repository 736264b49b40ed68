//! What happened to the first row that does not fit: gone, in another's place, put in, or altered. Hashes say
//! that something is wrong; where the rows around it fit better says what.

use hanok_store::rows::audit::Sealable;

use super::AuditFinding;

/// Names the row at `seq`, which should follow the link `previous`. `rest` begins with what stands there;
/// `earlier` is the link before `previous`.
pub(super) fn diagnose(
    rest: &[&Sealable],
    seq: i64,
    previous: &str,
    earlier: Option<&str>,
) -> AuditFinding {
    let row = rest[0];
    if row.seq() != seq {
        return missing(seq, row.seq());
    }
    // Whose link is this? A row may have kept its own link, or have been put under another's.
    let fits = |other: &&&Sealable| {
        let link = other.link(previous, seq);
        link == other.hash() || link == row.hash()
    };
    if let Some(right) = rest[1..].iter().find(fits) {
        return moved(rest, seq, previous, right);
    }
    if let Some(earlier) = earlier
        && row.link(earlier, seq - 1) == row.hash()
    {
        let text = format!(
            "Row {} was inserted: the one after it fits in its place.",
            seq - 1
        );
        return AuditFinding::at("inserted", seq - 1, None, text);
    }
    if let Some(next) = rest.get(1)
        && next.link(row.hash(), seq + 2) == next.hash()
    {
        let text = format!(
            "A row was removed at {seq}, and those after it were numbered anew: they fit one place further."
        );
        return AuditFinding::at("removed", seq, Some(row), text);
    }
    AuditFinding::at("altered", seq, Some(row), altered(rest, seq))
}

/// What can be said of a row that nothing else explains.
fn altered(rest: &[&Sealable], seq: i64) -> String {
    let row = rest[0];
    match rest.get(1) {
        Some(next) if next.link(row.hash(), seq + 1) != next.hash() => format!(
            "Row {seq} was altered, and its link with it: neither it nor the row after it fits."
        ),
        _ if seq > 1 => format!(
            "Row {seq} was altered, or row {} was replaced together with its link.",
            seq - 1
        ),
        _ => format!("Row {seq} was altered."),
    }
}

fn missing(seq: i64, next: i64) -> AuditFinding {
    let text = match next - seq {
        1 => format!("Row {seq} is missing: it was removed."),
        _ => {
            let last = next - 1;
            format!("The rows {seq} to {last} are missing: they were removed.")
        }
    };
    AuditFinding::at("removed", seq, None, text)
}

/// Another row fits here: it was exchanged with the one that stands here, or that one was put in before it.
fn moved(rest: &[&Sealable], seq: i64, previous: &str, right: &Sealable) -> AuditFinding {
    let row = rest[0];
    let link = right.link(previous, seq);
    let put_in =
        right.seq() == seq + 1 && row.link(&link, seq + 1) != row.hash() && row.hash() != link;
    if put_in {
        let text = format!("Row {seq} was inserted: the row after it fits in its place.");
        return AuditFinding::at("inserted", seq, Some(row), text);
    }
    let text = format!(
        "Row {seq} was reordered: the row that stands at {} belongs here.",
        right.seq()
    );
    AuditFinding::at("reordered", seq, Some(row), text)
}
