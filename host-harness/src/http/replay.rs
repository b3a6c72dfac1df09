//! A transport that answers from recorded exchanges; it knows no network, and its waits cost no time.
//!
//! Equal requests are answered in the order of the files.
//! A request that no exchange answers fails, and is reported with the nearest one.

use super::exchange::{Answered, Asked, Broken, Recorded};
use super::lanes::Lanes;
use super::matching::{Difference, differences};
use super::{Answer, Exchanging, Outgoing, Transport, failure};
use crate::bindings::http::{AnswerHeader, Failure, FailureKind, Head};
use crate::clock::Virtual;
use crate::config::Config;
use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The settings of a scenario, in its folder.
pub const SETTINGS_FILE: &str = "settings.toml";

/// How bodies are handed out.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Pieces {
    /// Each as one piece.
    #[default]
    Whole,
    /// In pieces of so many bytes, at least 1.
    Of(usize),
}

/// A recording that answers.
pub struct Replay {
    entries: Arc<[Entry]>,
    lanes: Arc<Lanes>,
    pieces: Pieces,
    progress: Mutex<Progress>,
}

struct Entry {
    file: String,
    recorded: Recorded,
}

#[derive(Default)]
struct Progress {
    /// Of each entry: it has answered since the start or the last rewind.
    is_spent: Vec<bool>,
    /// Of each entry: it has answered at least once.
    is_used: Vec<bool>,
    unmatched: Vec<String>,
}

/// How requests and recording differed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Requests that no exchange answered, each with the nearest exchange.
    pub unmatched: Vec<String>,
    /// Exchanges that no request asked for.
    pub unused: Vec<String>,
}

impl Report {
    /// Whether every request was answered, and every exchange asked for.
    pub fn is_clean(&self) -> bool {
        self.unmatched.is_empty() && self.unused.is_empty()
    }
}

impl Replay {
    /// Reads a scenario's folder: its exchanges, and the time at which its clock stands.
    pub fn open(folder: &Path) -> Result<Self> {
        let settings = folder.join(SETTINGS_FILE);
        let start = Config::read(&settings)?.replay;
        let start = start.with_context(|| format!("in {}: a scenario needs [replay] with now", settings.display()))?;
        Self::read(folder, start.now)
    }

    /// Reads the exchanges of a folder, with a clock that stands at `now`.
    pub fn read(folder: &Path, now: i64) -> Result<Self> {
        let reading = || format!("reading {}", folder.display());
        let mut entries = Vec::new();
        for found in std::fs::read_dir(folder).with_context(reading)? {
            let path = found.with_context(reading)?.path();
            if path.extension().is_some_and(|extension| extension == "http") {
                entries.push(Entry::read(&path)?);
            }
        }
        entries.sort_by(|one, other| one.file.cmp(&other.file));
        Ok(Self::of(entries.into(), now))
    }

    /// Hands bodies out in such pieces.
    pub fn pieces(self, pieces: Pieces) -> Self {
        Self { pieces, ..self }
    }

    /// Makes every exchange answer again, for another run; clock, lanes and report go on.
    pub fn rewind(&self) {
        self.progress().is_spent.fill(false);
    }

    /// The same recording as if nobody had asked it yet, its clock at `now`.
    pub fn afresh(&self, now: i64) -> Self {
        Self::of(self.entries.clone(), now)
    }

    /// Bytes of all recorded bodies.
    pub fn body_bytes(&self) -> u64 {
        let bytes = |entry: &Entry| match &entry.recorded.answered {
            Answered::Came { body, .. } => body.len() as u64,
            Answered::Failed(_) => 0,
        };
        self.entries.iter().map(bytes).sum()
    }

    /// How requests and recording differed so far.
    pub fn report(&self) -> Report {
        let progress = self.progress();
        let unused = self.entries.iter().zip(&progress.is_used).filter(|(_, is_used)| !**is_used);
        Report {
            unmatched: progress.unmatched.clone(),
            unused: unused.map(|(entry, _)| format!("{}: {}", entry.file, shown(&entry.recorded.asked))).collect(),
        }
    }

    fn of(entries: Arc<[Entry]>, now: i64) -> Self {
        let fresh = vec![false; entries.len()];
        let progress = Progress { is_spent: fresh.clone(), is_used: fresh, unmatched: Vec::new() };
        let lanes = Arc::new(Lanes::new(Arc::new(Virtual::at(now))));
        Self { entries, lanes, pieces: Pieces::default(), progress: Mutex::new(progress) }
    }

    /// A recording of these texts, as files of ascending number.
    #[cfg(test)]
    pub(super) fn of_texts(texts: &[&str], now: i64) -> Self {
        let entry = |(number, text): (usize, &&str)| Entry {
            file: format!("{:02}-test.http", number + 1),
            recorded: Recorded::parse(text.as_bytes()).unwrap(),
        };
        Self::of(texts.iter().enumerate().map(entry).collect(), now)
    }

    fn take(&self, sent: &Asked) -> Result<Answered, Failure> {
        let compared: Vec<_> = self.entries.iter().map(|entry| differences(sent, &entry.recorded.asked)).collect();
        let mut progress = self.progress();
        let answers = |at: &usize| compared[*at].is_empty();
        if let Some(at) = (0..compared.len()).filter(answers).find(|at| !progress.is_spent[*at]) {
            progress.is_spent[at] = true;
            progress.is_used[at] = true;
            return Ok(self.entries[at].recorded.answered.clone());
        }
        let weight = |differences: &[Difference]| differences.iter().map(|difference| difference.weight).sum::<u32>();
        let nearest = (0..compared.len()).min_by_key(|at| weight(&compared[*at]));
        let message = format!("no recorded exchange answers {}", shown(sent));
        let near = nearest.map_or("there are none".to_owned(), |at| self.describe(at, &compared[at]));
        progress.unmatched.push(format!("{message}\n  {near}"));
        Err(failure(FailureKind::Refused, "replay.unmatched", format!("{message}; {}", near.replace("\n    ", "; "))))
    }

    fn describe(&self, at: usize, differences: &[Difference]) -> String {
        let file = &self.entries[at].file;
        if differences.is_empty() {
            return format!("{file} would, and has answered already");
        }
        let texts: Vec<_> = differences.iter().map(|difference| difference.text.as_str()).collect();
        format!("the nearest is {file}\n    {}", texts.join("\n    "))
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn read(path: &Path) -> Result<Self> {
        let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let is_numbered =
            file.split_once('-').is_some_and(|(number, _)| number.len() >= 2 && number.parse::<u32>().is_ok());
        ensure!(is_numbered, "{}: an exchange is named for its place: `01-what.http`", path.display());
        let text = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
        let recorded = Recorded::parse(&text).with_context(|| path.display().to_string())?;
        Ok(Self { file, recorded })
    }
}

impl Transport for Replay {
    fn lanes(&self) -> &Arc<Lanes> {
        &self.lanes
    }

    fn open(&self, request: Outgoing, answer: Answer) -> Exchanging {
        let taken = self.take(&request.shown());
        let pieces = self.pieces;
        Box::pin(async move {
            match taken? {
                Answered::Failed(failed) => Err(broken(failed)),
                Answered::Came { status, headers, body, broken } => {
                    let headers = headers.into_iter().map(|(name, value)| AnswerHeader { name, value }).collect();
                    answer.head(Head { status, headers })?;
                    hand_out(body.into(), pieces, &answer).await?;
                    broken.map_or(Ok(()), |how| Err(self::broken(how)))
                }
            }
        })
    }
}

fn broken(Broken { kind, code, message }: Broken) -> Failure {
    failure(kind, code, if message.is_empty() { "the recording says so".to_owned() } else { message })
}

async fn hand_out(mut body: Bytes, pieces: Pieces, answer: &Answer) -> Result<(), Failure> {
    let size = match pieces {
        Pieces::Whole => usize::MAX,
        Pieces::Of(size) => size.max(1),
    };
    while !body.is_empty() {
        answer.piece(body.split_to(size.min(body.len()))).await?;
    }
    Ok(())
}

fn shown(asked: &Asked) -> String {
    format!("{} {}", asked.method, asked.url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    fn asked(url: &str) -> Asked {
        let url = Url::parse(&format!("https://api.example.com{url}")).unwrap();
        Asked { method: "GET".into(), url, headers: Vec::new(), body: Vec::new() }
    }

    fn status(answered: Result<Answered, Failure>) -> u16 {
        match answered {
            Ok(Answered::Came { status, .. }) => status,
            _ => 0,
        }
    }

    #[test]
    fn equal_requests_are_answered_in_the_order_of_the_files() {
        let replay = Replay::of_texts(
            &[
                "GET https://api.example.com/a\n===\n201\n",
                "GET https://api.example.com/b\n===\n202\n",
                "GET https://api.example.com/a\n===\n203\n",
            ],
            0,
        );
        assert_eq!(["/a", "/a", "/a"].map(|url| status(replay.take(&asked(url)))), [201, 203, 0]);
        let report = replay.report();
        assert_eq!(report.unused, ["02-test.http: GET https://api.example.com/b"]);
        assert_eq!(
            report.unmatched,
            ["no recorded exchange answers GET https://api.example.com/a\n  \
                 01-test.http would, and has answered already"]
        );
        replay.rewind();
        assert_eq!(["/a", "/b"].map(|url| status(replay.take(&asked(url)))), [201, 202]);
        assert_eq!((replay.report().unused.len(), replay.report().unmatched.len()), (0, 1));
    }

    #[test]
    fn what_no_exchange_answers_is_reported_with_the_nearest() {
        let replay = Replay::of_texts(
            &[
                "GET https://api.example.com/hosts?id_min=3&limit=2\nx-a: b\n===\n200\n",
                "GET https://api.example.com/other?id_min=5\n===\n200\n",
            ],
            0,
        );
        let failure = replay.take(&asked("/hosts?id_min=5")).unwrap_err();
        assert_eq!((failure.kind, failure.code.as_str()), (FailureKind::Refused, "replay.unmatched"));
        let expected = "no recorded exchange answers GET https://api.example.com/hosts?id_min=5
  the nearest is 01-test.http
    query `id_min`: sent `5`, recorded `3`
    query `limit`: not sent, recorded `2`
    header `x-a`: not sent, recorded `b`";
        assert_eq!(replay.report().unmatched, [expected]);
        assert!(!replay.report().is_clean());
        let empty = Replay::of_texts(&[], 0).take(&asked("/")).unwrap_err();
        assert_eq!(empty.message, "no recorded exchange answers GET https://api.example.com/; there are none");
    }

    #[test]
    fn a_folder_is_read_in_the_order_of_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write(SETTINGS_FILE, "tenant = \"acme\"\n[replay]\nnow = \"2026-03-02T06:00:00Z\"\n");
        write("02-b.http", "GET https://api.example.com/\n===\n202\n");
        write("01-a.http", "GET https://api.example.com/\n===\n201\n");
        write("expected.jsonl", "");
        let replay = Replay::open(folder.path()).unwrap();
        assert_eq!([(), ()].map(|()| status(replay.take(&asked("/")))), [201, 202]);
        assert_eq!(replay.lanes().clock().now(), 1_772_431_200);
        for (name, text, named) in [
            ("03-c.http", "GET /\n", "03-c.http: line 1: \"/\" is no address"),
            ("c.http", "", "c.http: an exchange is named for its place"),
        ] {
            write(name, text);
            let error = format!("{:#}", Replay::open(folder.path()).err().unwrap());
            assert!(error.contains(named), "{name}: {error}");
            std::fs::remove_file(folder.path().join(name)).unwrap();
        }
    }
}
