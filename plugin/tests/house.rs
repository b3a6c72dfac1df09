//! What may never be said in this repository, as one table; and that the contract explains every item.
//!
//! Lines are compared, not syntax: a word that slips through this net is still forbidden.

use std::fs;
use std::path::Path;
use wit_parser::{Docs, Function, Interface, Resolve, Type, TypeDef, TypeDefKind};

/// What of a file is looked at.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    /// Code, without comments and without tests.
    Shipped,
    /// Code with its tests, without comments.
    Code,
    /// Every letter, in upper or lower case.
    All,
}
use Part::{All, Code, Shipped};

/// (part of the files, under, but not in, may not say, because)
type Never = (Part, &'static str, &'static [&'static str], &'static str, &'static str);

/// Folders stand for all that is in them, and for the module of their name.
const FORBIDDEN: &[Never] = &[
    (Code, "src/map", &[], "crate::ports", "mapping does no I/O"),
    (Code, "src/map", &[], "crate::settings", "mapping is told what it needs, one value at a time"),
    (Code, "src/qualys", &[], "contract::model", "neutral words begin in map"),
    (Code, "src/qualys", &[], "crate::map", "the vendor's side knows nothing of ours"),
    (Code, "src", &[], "host_harness", "connector and host meet at wit alone"),
    (Code, "Cargo.toml", &[], "wasmtime", "the connector's tests stay a matter of seconds"),
    (Code, "src", &[], "#[ignore", "a test that does not run is none"),
    (Code, "../host-harness", &[], "#[ignore", "a test that does not run is none"),
    // The world is asked through the ports.
    (Shipped, "src", &["src/guest.rs"], "http::send(", "host imports are named in guest.rs alone"),
    (Shipped, "src", &["src/guest.rs"], "http::ready(", "host imports are named in guest.rs alone"),
    (Shipped, "src", &["src/guest.rs"], "http::pace(", "host imports are named in guest.rs alone"),
    (Shipped, "src", &["src/guest.rs"], "sink::commit(", "host imports are named in guest.rs alone"),
    (Shipped, "src", &["src/guest.rs"], "sink::progress(", "host imports are named in guest.rs alone"),
    (Shipped, "src", &["src/guest.rs"], "clock::now(", "host imports are named in guest.rs alone"),
    (Shipped, "src", &["src/guest.rs"], "log::write(", "host imports are named in guest.rs alone"),
    (Shipped, "src", PACE, "pace(", "a lane's pace is told in limits.rs alone"),
    (Shipped, "src", PACE, "Allowance", "a lane's pace is told in limits.rs alone"),
    // The component makes no system call.
    (Shipped, "src", &[], "HashMap", "its seed is a system call; BTreeMap keeps output stable"),
    (Shipped, "src", &[], "HashSet", "its seed is a system call; BTreeSet keeps output stable"),
    (Shipped, "src", &[], "DefaultHasher", "its result may change with the compiler"),
    (Shipped, "src", &[], "std::time", "the time comes from the host"),
    (Shipped, "src", &[], "now_utc", "the time comes from the host"),
    (Shipped, "src", &[], "std::fs", "there is no file"),
    (Shipped, "src", &[], "std::env", "there is no environment"),
    (Shipped, "src", &[], "std::process", "there is no process"),
    (Shipped, "src", &[], "std::thread", "there is one thread"),
    (Shipped, "src", &[], "sleep(", "a connector never waits; the host does"),
    (Shipped, "src", &[], "TcpStream", "requests are the host's"),
    (Shipped, "src", &[], "UdpSocket", "requests are the host's"),
    (Shipped, "src", &[], "ToSocketAddrs", "requests are the host's"),
    (Shipped, "src", &[], "wasi::", "four imports are the whole surface"),
    (Shipped, "src", &[], "getrandom", "there is no chance"),
    (Shipped, "src", &[], "println!", "there is no terminal; use the log"),
    (Shipped, "src", &[], "eprintln!", "there is no terminal; use the log"),
    (Shipped, "src", &[], "print!", "there is no terminal; use the log"),
    (Shipped, "src", &[], "eprint!", "there is no terminal; use the log"),
    (Shipped, "src", &[], "dbg!", "there is no terminal; use the log"),
    // What a source sends is never a reason to trap.
    (Shipped, "src", &[], "unwrap()", "a missing value is an error with a hint"),
    (Shipped, "src", &[], "expect(", "a missing value is an error with a hint"),
    (Shipped, "src", &[], "unwrap_unchecked", "a missing value is an error with a hint"),
    (Shipped, "src", &[], "panic!", "a trap ends a sync and explains nothing"),
    (Shipped, "src", &[], "unreachable!", "a trap ends a sync and explains nothing"),
    (Shipped, "src", &[], "todo!", "what is not done is not shipped"),
    (Shipped, "src", &[], "unimplemented!", "what is not done is not shipped"),
    (Shipped, "src", &[], "assert!", "a trap ends a sync and explains nothing"),
    (Shipped, "src", &[], "assert_eq!", "a trap ends a sync and explains nothing"),
    (Code, "src", &[], "unsafe", "generated code is the only place for it"),
    // Secrets stay with the host, and bodies stay in pieces.
    (Shipped, "src", &[], "base64", "credentials are encoded by the host, which alone has them"),
    (Shipped, "src", &[], "\"Basic ", "credentials are encoded by the host, which alone has them"),
    (Shipped, "src", &[], "read_to_end", "a whole body is never in memory"),
    (Shipped, "src", &[], "read_to_string", "a whole body is never in memory"),
    // The contract and the host know no vendor.
    (All, "../wit", &[], "qualys", "the contract is neutral"),
    (All, "../wit", &[], "qid", "the contract is neutral"),
    (All, "../wit", &[], "detection", "the contract is neutral"),
    (All, "../wit", &[], "posture", "the contract is neutral"),
    (All, "../host-harness/src", &[], "qualys", "the host is neutral"),
    (All, "../host-harness/src", &[], "qid", "the host is neutral"),
    (All, "../host-harness/src", &[], "detection", "the host is neutral"),
    (All, "../host-harness/src", &[], "posture", "the host is neutral"),
];

const PACE: &[&str] = &["src/qualys/limits", "src/guest.rs", "src/ports.rs"];

#[test]
fn nothing_forbidden_is_said() {
    let files = ["src", "Cargo.toml", "../wit", "../host-harness"].map(files_under).concat();
    let tests = test_modules(&files);
    let mut offences = Vec::new();
    for never in FORBIDDEN {
        assert!(files.iter().any(|(path, _)| is_under(path, never.1)), "no file stands under {}", never.1);
        for (path, text) in &files {
            let is_skipped = never.0 == Shipped && tests.iter().any(|test| is_under(path, test));
            offences.extend(said(never, path, text).filter(|_| !is_skipped));
        }
    }
    assert!(offences.is_empty(), "\n{}\n", offences.join("\n"));
}

#[test]
fn every_row_of_the_table_finds_what_it_forbids() {
    for never @ (part, under, but_in, word, _) in FORBIDDEN {
        let path = if under.ends_with(".toml") { under.to_string() } else { format!("{under}/planted.rs") };
        let found = |path: &str, text: String| said(never, path, &text).count();
        assert_eq!(found(&path, format!("fn f() {{\n    x.{word}\n}}\n")), 1, "{word} under {under}");
        assert_eq!(found(&path, format!("/// {word}\n")), usize::from(*part == All), "{word} in a comment");
        assert_eq!(found(&path, format!("x{word}\n")), usize::from(!starts_as_word(word)), "{word} inside a word");
        let test = format!("{TEST}\nmod tests {{\n    x.{word}\n}}\n");
        assert_eq!(found(&path, test), usize::from(*part != Shipped), "{word} in a test");
        let before = format!("x.{word}\n{TEST}\nmod tests {{\n}}\n");
        assert_eq!(found(&path, before), 1, "{word} before the tests");
        assert_eq!(found("elsewhere/planted.rs", format!("x.{word}\n")), 0, "{word} elsewhere");
        for excused in *but_in {
            assert_eq!(found(excused, format!("x.{word}\n")), 0, "{word} in {excused}");
        }
    }
}

#[test]
fn an_offence_names_the_place_the_word_and_the_reason() {
    let never = (Shipped, "src", &[] as &[_], "HashMap", "its seed is a system call");
    let offences: Vec<_> = said(&never, "src/sync.rs", "one\nuse std::collections::HashMap;\n").collect();
    assert_eq!(offences, ["src/sync.rs:2: `HashMap` is never said here: its seed is a system call"]);
}

#[test]
fn a_file_of_tests_is_known_by_the_line_that_names_it() {
    let file = |path: &str, text: &str| (path.to_string(), text.to_string());
    let files = [
        file("src/lib.rs", &format!("{TEST}\npub(crate) mod script;\nmod real;\n")),
        file("src/map/asset.rs", &format!("{TEST}\nmod tests;\n")),
        file("src/map/time.rs", &format!("{TEST}\nmod tests {{\n}}\n")),
    ];
    assert_eq!(test_modules(&files), ["src/script", "src/map/asset/tests"]);
}

/// The line before a module of tests.
const TEST: &str = "#[cfg(test)]";

/// Every line of a file that says the word, as a message.
fn said(never: &Never, path: &str, text: &str) -> impl Iterator<Item = String> {
    let (part, under, but_in, word, because) = *never;
    let is_concerned = is_under(path, under) && !but_in.iter().any(|excused| is_under(path, excused));
    let lines = text.lines().take(if is_concerned { usize::MAX } else { 0 });
    let shipped = if part == Shipped { lines_before_tests(text) } else { usize::MAX };
    let looked_at = lines.take(shipped).enumerate().filter(move |(_, line)| says(line, word, part));
    let offence = |(at, _)| format!("{path}:{}: `{word}` is never said here: {because}", at + 1);
    looked_at.map(offence).collect::<Vec<_>>().into_iter()
}

fn says(line: &str, word: &str, part: Part) -> bool {
    if part == All {
        return contains(&line.to_lowercase(), word);
    }
    !line.trim_start().starts_with("//") && contains(line, word)
}

/// Whether the word stands there and is not the end of a longer one.
fn contains(line: &str, word: &str) -> bool {
    let is_inside = |at: usize| starts_as_word(word) && line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    line.match_indices(word).any(|(at, _)| !is_inside(at))
}

fn starts_as_word(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphanumeric())
}

/// Tests stand at the end of a file.
fn lines_before_tests(text: &str) -> usize {
    let lines: Vec<_> = text.lines().collect();
    lines.windows(2).position(|pair| pair[0] == TEST && pair[1].ends_with('{')).unwrap_or(lines.len())
}

/// Modules that a line `mod name;` includes for tests alone; what is below them is tests, too.
fn test_modules(files: &[(String, String)]) -> Vec<String> {
    let mut modules = Vec::new();
    for (path, text) in files {
        let lines: Vec<_> = text.lines().collect();
        for pair in lines.windows(2).filter(|pair| pair[0] == TEST) {
            let name = pair[1].strip_suffix(';').and_then(|line| line.split_once("mod "));
            let folder = path.trim_end_matches(".rs").trim_end_matches("/lib");
            modules.extend(name.map(|(_, name)| format!("{folder}/{name}")));
        }
    }
    modules
}

/// Whether a file is this one, its module, or stands in this folder.
fn is_under(path: &str, under: &str) -> bool {
    path.strip_prefix(under).is_some_and(|rest| rest.is_empty() || rest == ".rs" || rest.starts_with('/'))
}

/// Path and text of every readable file, by its way from this package.
fn files_under(path: &str) -> Vec<(String, String)> {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let Ok(entries) = fs::read_dir(&place) else {
        return fs::read_to_string(&place).map(|text| (path.to_string(), text)).into_iter().collect();
    };
    let mut names: Vec<_> = entries.map(|entry| entry.expect("the folder is readable").file_name()).collect();
    names.sort();
    let within = names.iter().filter(|name| *name != "target").map(|name| format!("{path}/{}", name.display()));
    within.flat_map(|path| files_under(&path)).collect()
}

/// Every item of the contract, by name, with what is said of it.
#[derive(Default)]
struct Items(Vec<(String, bool)>);

impl Items {
    fn note(&mut self, name: String, docs: &Docs) {
        self.0.push((name, docs.contents.as_ref().is_some_and(|text| !text.trim().is_empty())));
    }

    fn interface(&mut self, name: &str, interface: &Interface, resolve: &Resolve) {
        self.note(name.into(), &interface.docs);
        for (own, id) in &interface.types {
            self.definition(&format!("{name}.{own}"), &resolve.types[*id]);
        }
        for Function { name: own, docs, .. } in interface.functions.values() {
            self.note(format!("{name}.{own}"), docs);
        }
    }

    fn definition(&mut self, name: &str, definition: &TypeDef) {
        let parts: Vec<_> = match &definition.kind {
            TypeDefKind::Type(Type::Id(_)) => return, // only a name for what another interface explains
            TypeDefKind::Record(record) => record.fields.iter().map(|field| (&field.name, &field.docs)).collect(),
            TypeDefKind::Variant(variant) => variant.cases.iter().map(|case| (&case.name, &case.docs)).collect(),
            TypeDefKind::Enum(cases) => cases.cases.iter().map(|case| (&case.name, &case.docs)).collect(),
            TypeDefKind::Flags(flags) => flags.flags.iter().map(|flag| (&flag.name, &flag.docs)).collect(),
            _ => Vec::new(),
        };
        self.note(name.into(), &definition.docs);
        parts.into_iter().for_each(|(own, docs)| self.note(format!("{name}.{own}"), docs));
    }
}

fn items(resolve: &Resolve) -> Items {
    let mut items = Items::default();
    for (_, package) in &resolve.packages {
        items.note(package.name.to_string(), &package.docs);
    }
    for (_, world) in &resolve.worlds {
        items.note(format!("world {}", world.name), &world.docs);
    }
    for (_, interface) in &resolve.interfaces {
        items.interface(interface.name.as_deref().unwrap_or("an interface without name"), interface, resolve);
    }
    items
}

#[test]
fn the_contract_explains_every_item() {
    let mut resolve = Resolve::default();
    resolve.push_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit")).expect("the contract is valid");
    let Items(items) = items(&resolve);
    let silent: Vec<_> = items.iter().filter(|(_, is_documented)| !is_documented).map(|(name, _)| name).collect();
    assert!(silent.is_empty(), "{} of {} items are not explained: {silent:?}", silent.len(), items.len());
    assert!(items.len() > 100, "only {} items were found", items.len());
}

#[test]
fn an_item_that_is_not_explained_is_found() {
    let text = "/// P.\npackage a:b;\n/// I.\ninterface i {\n  /// R.\n  record r { f: u8 }\n  /// S.\n  resource s {\n    m: func();\n  }\n  \
                enum e {\n    /// C.\n    c,\n  }\n}\n/// J.\ninterface j {\n  use i.{r};\n  g: func(r: r);\n}\nworld w {\n  import j;\n}\n";
    let mut resolve = Resolve::default();
    resolve.push_str("planted.wit", text).expect("the planted contract is valid");
    let Items(items) = items(&resolve);
    let silent: Vec<_> = items.iter().filter(|(_, is_documented)| !is_documented).map(|(name, _)| name).collect();
    assert_eq!(silent, ["world w", "i.r.f", "i.e", "i.[method]s.m", "j.g"]);
    assert_eq!(items.len(), 11, "{items:?}");
}
