//! Whether objects could be written now, and how much room there is.

use crate::backend::Backend;
use crate::{ObjectError, Objects};

impl Objects {
    /// Whether a write would be taken: no flush has failed, the reserve is free, and the bucket
    /// answers. Tells the free bytes of the disk; blocks for as long as the file system and the
    /// service do.
    pub fn room_blocking(&self) -> Result<u64, ObjectError> {
        let folder = self.temps();
        self.disk().admit(&folder, 0)?;
        if let Backend::S3(bucket) = self.backend() {
            bucket.probe()?;
        }
        fs4::available_space(&folder)
            .map_err(|error| ObjectError::io("ask for free space of", &folder, error))
    }
}
