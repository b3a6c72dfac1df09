//! What a connector may write: so many lines, so long, and nothing that could harm a terminal or show a secret.

use crate::bindings::log::{Field, Level};
use crate::http::secrets::{SECRET_BYTES_MIN, Secrets};
use crate::limits::Limits;
use crate::watch::Line;
use std::borrow::Cow;

/// What stands in a line in the place of a secret.
pub const SECRET_SHOWN: &str = "[secret]";

/// Details of one line.
const FIELDS_MAX: usize = 32;

/// The lines of one run.
#[derive(Default)]
pub struct Log {
    lines: usize,
    secrets: Secrets,
    last_error: Option<String>,
}

impl Log {
    /// From now on these never appear in a line.
    pub fn hide(&mut self, secrets: &Secrets) {
        self.secrets = secrets.clone();
    }

    /// The line as it may be shown, while there are not too many.
    ///
    /// Errors are remembered beyond the bound: a panic says what it is by one, and the last of them explains a trap.
    pub fn admit(&mut self, level: Level, message: &str, fields: &[Field], limits: &Limits) -> Option<Line> {
        if self.lines >= limits.log_lines_max && level != Level::Error {
            return None;
        }
        let mut bytes_left = limits.log_line_bytes_max;
        let message = self.clean(message, &mut bytes_left);
        let clean = |field: &Field| {
            let name = self.clean(&field.name, &mut bytes_left);
            (name, self.clean(&field.value, &mut bytes_left))
        };
        let line = Line { level, fields: fields.iter().take(FIELDS_MAX).map(clean).collect(), message };
        if level == Level::Error {
            self.last_error = Some(line.message.clone());
        }
        self.lines += 1;
        (self.lines <= limits.log_lines_max).then_some(line)
    }

    /// The last line of level `error`.
    pub fn last_error(&self) -> Option<&str> {
        self.last_error.as_deref()
    }

    /// Takes out secrets before it cuts, so that no cut can leave the beginning of one.
    fn clean(&self, text: &str, bytes_left: &mut usize) -> String {
        let mut shown = Cow::Borrowed(text);
        for name in self.secrets.names() {
            let value = self.secrets.get(name).filter(|value| value.len() >= SECRET_BYTES_MIN);
            if let Some(value) = value.filter(|value| shown.contains(value)) {
                shown = Cow::Owned(shown.replace(value, SECRET_SHOWN));
            }
        }
        let cut = &shown[..shown.floor_char_boundary(*bytes_left)];
        *bytes_left -= cut.len();
        cut.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admit(log: &mut Log, level: Level, message: &str, limits: &Limits) -> Option<Line> {
        let field = Field { name: "host".into(), value: "sesame-7".into() };
        log.admit(level, message, &[field], limits)
    }

    #[test]
    fn a_line_shows_no_secret_and_harms_no_terminal() {
        let mut secrets = Secrets::default();
        secrets.insert("password", "sesame");
        secrets.insert("pin", "42");
        let mut log = Log::default();
        log.hide(&secrets);
        for (message, bytes_max, expected) in [
            ("plain", 100, "plain"),
            ("the password is sesame, twice: sesame", 100, "the password is [secret], twice: [secret]"),
            ("42 hosts", 100, "42 hosts"),
            ("\u{1b}[2Jgone\nnext", 100, " [2Jgone next"),
            ("ääää", 5, "ää"),
            ("the end: sesame", 11, "the end: [s"),
        ] {
            let limits = Limits { log_line_bytes_max: bytes_max, ..Limits::default() };
            let line = admit(&mut log, Level::Info, message, &limits).unwrap();
            assert_eq!(line.message, expected, "{message:?}");
            let (name, value) = &line.fields[0];
            assert!(!value.contains("sesame"), "{message:?} {value}");
            assert!(line.message.len() + name.len() + value.len() <= bytes_max, "{message:?}");
        }
    }

    #[test]
    fn a_flood_of_lines_ends_and_the_last_error_stays() {
        let limits = Limits { log_lines_max: 2, ..Limits::default() };
        let mut log = Log::default();
        for (level, message, shown) in [
            (Level::Info, "one", true),
            (Level::Error, "two", true),
            (Level::Info, "three", false),
            (Level::Error, "four", false),
            (Level::Debug, "five", false),
        ] {
            assert_eq!(admit(&mut log, level, message, &limits).is_some(), shown, "{message}");
        }
        assert_eq!(log.last_error(), Some("four"));
    }
}
