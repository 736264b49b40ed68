//! Input that would take all memory is refused, with its row.

use hanok_data::{ErrorCode, ImportOptions, import};

use crate::refused;

/// A source that gives one byte for ever, without holding it.
struct Endless {
    at: u64,
    length: u64,
}

impl std::io::Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let left = usize::try_from(self.length - self.at).unwrap_or(usize::MAX);
        let count = buffer.len().min(left);
        buffer[..count].fill(b'x');
        for (index, byte) in b"text,label\n".iter().enumerate() {
            if (self.at..self.at + count as u64).contains(&(index as u64)) {
                buffer[index - self.at as usize] = *byte;
            }
        }
        self.at += count as u64;
        Ok(count)
    }
}

impl std::io::Seek for Endless {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        if let std::io::SeekFrom::Start(at) = to {
            self.at = at;
        }
        Ok(self.at)
    }
}

#[test]
fn a_line_of_a_gigabyte_is_refused_with_its_row() {
    for name in ["a.csv", "a.jsonl", "a.txt"] {
        let source = Endless {
            at: 0,
            length: 1 << 30,
        };
        let error = import(source, name, &ImportOptions::default(), &mut |_| Ok(())).unwrap_err();
        assert_eq!(
            (error.code, error.row),
            (ErrorCode::RowTooLong, Some(2)),
            "{name}: {error}"
        );
    }
}

#[test]
fn too_many_columns_are_refused() {
    let wide = vec!["a"; 1_000_000].join(",");
    let error = refused("a.csv", format!("{wide}\n{wide}\n"));
    assert_eq!(
        (error.code, error.row),
        (ErrorCode::TooManyColumns, Some(1))
    );
    let members = (0..5_000)
        .map(|at| format!("\"k{at}\":1"))
        .collect::<Vec<_>>();
    let error = refused("a.jsonl", format!("{{{}}}\n", members.join(",")));
    assert_eq!(error.code, ErrorCode::TooManyColumns);
}
