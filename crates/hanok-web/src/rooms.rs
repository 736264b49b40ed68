//! Which room a path is in. A room that is closed is not mounted: its paths are not there.

use std::sync::Arc;

use hanok_domain::fault::{Fault, FaultKind};
use hanok_domain::room::Room;

/// The rooms by path; the longest that fits counts. What is in none is always there.
const ROOMS: &[(&str, Room)] = &[
    ("/datasets", Room::Finetune),
    ("/runs", Room::Finetune),
    ("/api/v1/datasets", Room::Finetune),
    ("/api/v1/runs", Room::Finetune),
    ("/api/v1/evals", Room::Finetune),
    ("/v1/fine_tuning", Room::Finetune),
    ("/models", Room::Hub),
    ("/api/v1/models", Room::Hub),
    ("/playground", Room::Serve),
    ("/deployments", Room::Serve),
    ("/api/v1/deployments", Room::Serve),
    ("/v1/models", Room::Serve),
    ("/v1/chat", Room::Serve),
    ("/v1/completions", Room::Serve),
    ("/v1/embeddings", Room::Serve),
    ("/v1/classify", Room::Serve),
];

/// The rooms that are open; cheap to clone.
#[derive(Debug, Clone)]
pub struct Rooms(Arc<[Room]>);

impl Default for Rooms {
    fn default() -> Self {
        Self::new(Room::ALL.to_vec())
    }
}

impl Rooms {
    /// These are open.
    pub fn new(open: Vec<Room>) -> Self {
        Self(open.into())
    }

    /// The closed room that a path is in, if it is in one.
    pub fn closed(&self, path: &str) -> Option<Room> {
        room_of(path).filter(|room| !self.0.contains(room))
    }

    /// What is told of a path in a closed room.
    pub fn fault(&self, path: &str) -> Option<Fault> {
        let room = self.closed(path)?.as_str();
        let text = format!("The room '{room}' is closed on this server.");
        let fault = Fault::new(FaultKind::NotFound, "room_closed", text);
        Some(fault.remedy("HANOK_ROOMS names the rooms that are open."))
    }
}

fn room_of(path: &str) -> Option<Room> {
    let within = |place: &str| {
        let rest = path.strip_prefix(place);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let fitting = ROOMS.iter().filter(|(place, _)| within(place));
    fitting
        .max_by_key(|(place, _)| place.len())
        .map(|(_, room)| *room)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_in_one_room_or_none() {
        assert_eq!(room_of("/datasets/ds_1/delete"), Some(Room::Finetune));
        assert_eq!(room_of("/v1/models"), Some(Room::Serve));
        assert_eq!(room_of("/api/v1/models/m"), Some(Room::Hub));
        for path in ["/", "/datasetsx", "/login", "/v1/files", "/api/v1/keys"] {
            assert_eq!(room_of(path), None, "{path}");
        }
    }
}
