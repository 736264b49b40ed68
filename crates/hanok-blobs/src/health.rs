//! Whether objects could be written now, and how much room there is.

use crate::{ObjectError, Objects};

impl Objects {
    /// Whether a write would be taken: no flush has failed and the reserve is free. Tells the free bytes;
    /// blocks for as long as the file system does.
    pub fn room_blocking(&self) -> Result<u64, ObjectError> {
        let folder = self.root().join("tmp");
        self.disk().admit(&folder, 0)?;
        fs4::available_space(&folder)
            .map_err(|error| ObjectError::io("ask for free space of", &folder, error))
    }
}
