//! A tar archive as a stream, in the form of POSIX (ustar): headers here, content from wherever it is.
//! Only plain files; sizes beyond 8 GiB take the base-256 form that every tar reads.

/// Bytes of a block.
pub const BLOCK: u64 = 512;

/// Bytes of the two empty blocks at the end.
pub const END: usize = 1024;

/// The header of a file; none where the path is too long for one.
pub fn header(path: &str, size: u64) -> Option<[u8; BLOCK as usize]> {
    let (prefix, name) = split(path)?;
    let mut block = [0u8; BLOCK as usize];
    let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, name.as_bytes());
    put(100, b"0000644\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, &size_field(size));
    // The time is always the same, so that the same model makes the same archive.
    put(136, b"00000000000\0");
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    put(345, prefix.as_bytes());
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    let sum = format!("{sum:06o}\0 ");
    block[148..156].copy_from_slice(sum.as_bytes());
    Some(block)
}

/// Zeros that fill a file's last block.
pub fn padding(size: u64) -> usize {
    usize::try_from((BLOCK - size % BLOCK) % BLOCK).unwrap_or(0)
}

/// Bytes of the whole archive over files of these sizes.
pub fn length(sizes: impl Iterator<Item = u64>) -> u64 {
    let files: u64 = sizes.map(|size| BLOCK + size + padding(size) as u64).sum();
    files + END as u64
}

/// A path in at most 155 bytes of folders and 100 of name.
fn split(path: &str) -> Option<(&str, &str)> {
    if path.len() <= 100 {
        return Some(("", path));
    }
    path.match_indices('/')
        .map(|(at, _)| (&path[..at], &path[at + 1..]))
        .find(|(prefix, name)| prefix.len() <= 155 && !name.is_empty() && name.len() <= 100)
}

fn size_field(size: u64) -> [u8; 12] {
    let mut field = [0u8; 12];
    if size < 1 << 33 {
        field.copy_from_slice(format!("{size:011o}\0").as_bytes());
    } else {
        field[0] = 0x80;
        field[4..].copy_from_slice(&size.to_be_bytes());
    }
    field
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_paths_are_split_and_longer_ones_refused() {
        let folder = "f".repeat(120);
        assert_eq!(split("a/b").unwrap(), ("", "a/b"));
        let path = format!("{folder}/name");
        assert_eq!(split(&path).unwrap(), (folder.as_str(), "name"));
        assert!(header(&"x".repeat(101), 1).is_none());
    }

    #[test]
    fn large_sizes_take_the_other_form() {
        assert_eq!(&size_field(8), b"00000000010\0");
        let field = size_field(1 << 40);
        assert_eq!((field[0], field[6]), (0x80, 1));
    }
}
