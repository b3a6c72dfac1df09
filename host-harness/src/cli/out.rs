//! The one way to stdout: a reader that has gone away ends the command quietly.

use anyhow::Context;
use std::io::{ErrorKind, Write};

/// Writes to stdout what `write` gives.
pub fn with<T>(write: impl FnOnce(&mut dyn Write) -> anyhow::Result<T>) -> anyhow::Result<Option<T>> {
    let mut stdout = std::io::BufWriter::new(std::io::stdout().lock());
    let written = write(&mut stdout).and_then(|value| {
        stdout.flush()?;
        Ok(value)
    });
    match written {
        Ok(value) => Ok(Some(value)),
        Err(error) if is_gone(&error) => Ok(None),
        Err(error) => Err(error).context("writing to stdout"),
    }
}

/// Writes a text.
pub fn text(text: &str) -> anyhow::Result<()> {
    with(|stdout| Ok(stdout.write_all(text.as_bytes())?)).map(drop)
}

/// Writes one JSON object, indented.
pub fn json(object: &impl serde::Serialize) -> anyhow::Result<()> {
    with(|stdout| {
        serde_json::to_writer_pretty(&mut *stdout, object).map_err(std::io::Error::from)?;
        Ok(stdout.write_all(b"\n")?)
    })
    .map(drop)
}

fn is_gone(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let written = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        // A JSON writer does not give the error beneath it as its source.
        let serialised = || cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        written.or_else(serialised) == Some(ErrorKind::BrokenPipe)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_reader_that_has_gone_away_is_forgiven() {
        for (kind, is_forgiven) in [(ErrorKind::BrokenPipe, true), (ErrorKind::StorageFull, false)] {
            let written = with(|_| Err::<(), _>(anyhow::Error::from(std::io::Error::from(kind)).context("line 3")));
            assert_eq!(written.is_ok(), is_forgiven, "{kind:?}");
            let serialised = with(|_| Err::<(), _>(serde_json::Error::io(kind.into()).into()));
            assert_eq!(serialised.is_ok(), is_forgiven, "{kind:?} while serialising");
        }
    }
}
