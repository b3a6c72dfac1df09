//! Pieces of a body in, lines out; where a piece ends makes no difference.
//!
//! Knows nothing of fields.

/// Longest line; a longer one is not what this source sends.
pub const LINE_BYTES_MAX: usize = 1 << 10;

/// The beginning of a line that has not ended yet.
#[derive(Default)]
pub struct Lines {
    begun: Vec<u8>,
}

impl Lines {
    /// Takes a piece, and gives the lines that it ends; an empty piece ends the body, and with it the last line.
    pub fn take(&mut self, piece: &[u8]) -> Result<Vec<String>, String> {
        self.begun.extend_from_slice(if piece.is_empty() { b"\n" } else { piece });
        let ended = self.begun.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
        let lines: Vec<_> = String::from_utf8_lossy(&self.begun[..ended]).lines().map(str::to_owned).collect();
        self.begun.drain(..ended);
        match lines.iter().map(String::len).chain([self.begun.len()]).max() {
            Some(longest) if longest > LINE_BYTES_MAX => Err(format!("a line is longer than {LINE_BYTES_MAX} bytes")),
            _ => Ok(lines),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(body: &[u8], piece_bytes: usize) -> Vec<String> {
        let mut lines = Lines::default();
        let pieces = body.chunks(piece_bytes).chain([&b""[..]]);
        pieces.flat_map(|piece| lines.take(piece).expect("short lines")).filter(|line| !line.is_empty()).collect()
    }

    #[test]
    fn lines_do_not_depend_on_where_a_piece_ends() {
        let cases: [(&str, &[&str]); 5] = [
            ("", &[]),
            ("a,b\nc,d\n", &["a,b", "c,d"]),
            ("a,b\r\nc,d", &["a,b", "c,d"]),
            ("\n\na,\n", &["a,"]),
            ("gr\u{fc}n,\u{1f9c0}\nb", &["gr\u{fc}n,\u{1f9c0}", "b"]),
        ];
        for (body, expected) in cases {
            for piece_bytes in 1..9 {
                assert_eq!(lines(body.as_bytes(), piece_bytes), expected, "{body:?} in pieces of {piece_bytes}");
            }
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_refused_with_or_without_its_end() {
        for (end, is_taken) in [(0, true), (1, false)] {
            let begun = vec![b'x'; LINE_BYTES_MAX + end];
            let ended = [&begun[..], b"\n"].concat();
            assert_eq!(Lines::default().take(&begun).is_ok(), is_taken, "{} bytes and no end", begun.len());
            assert_eq!(Lines::default().take(&ended).is_ok(), is_taken, "{} bytes and an end", begun.len());
        }
    }
}
