//! Software that a detection's results name: which version is installed, which one is required.
//!
//! Results are prose for people, with tables and sentences of a few well-known shapes in it.
//! Only these are read; what is not understood for sure gives nothing, never a guess.
//!
//! | Shape | name | installed | required |
//! | --- | --- | --- | --- |
//! | rows below `Package  Installed Version  Required Version`, in any order, with further columns | as written | as written | as written |
//! | `%ProgramFiles%\Vendor\app.exe Version is 1.2` | `app.exe` | `1.2` | |
//! | `KB5034122 is not installed`, `KB5034122 or KB5034127 is not installed` | each KB number | | |
//! | `Vulnerable version of X detected: Version : 3.1` | `X` | `3.1` | |
//! | `X Installed Version : 8u301 Required Version : 8u351` | `X` | `8u301` | `8u351` |
//!
//! A version has a digit; `N/A` and `-` count as absent.

mod statement;
mod table;

use super::{entity, text};
use crate::bindings::connector::contract::model::SoftwarePackage;

/// Most packages of one detection; the first ones by name are kept. Lists of more than some hundred were never seen.
const PACKAGES_MAX: usize = 2000;
/// Longest name or version; anything longer is prose.
const WORDS_BYTES_MAX: usize = 256;

/// A package while it still borrows from the results: name, installed, required.
type Found<'a> = (&'a str, Option<&'a str>, Option<&'a str>);

/// The packages, by name, installed, required, each once.
pub fn read(results: &str) -> Vec<SoftwarePackage> {
    // Most results are certificates, banners and listings: not even their entities need decoding.
    if !speaks_of_software(results) {
        return Vec::new();
    }
    let decoded = entity::decoded(results);
    let mut found: Vec<Found<'_>> = Vec::new();
    let mut table = None;
    for line in text::parts(&decoded, b'\n') {
        if let Some(begun) = table::header(line) {
            table = Some(begun);
        } else if statement::read(line, &mut found) {
            table = None;
        } else if let Some(columns) = &table {
            match table::row(columns, line) {
                table::Row::Package(package) => found.push(package),
                table::Row::Unclear => {}
                table::Row::End => table = None,
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    let owned = |(name, installed, required): Found<'_>| SoftwarePackage {
        name: name.into(),
        installed: installed.map(Into::into),
        required: required.map(Into::into),
    };
    found.into_iter().take(PACKAGES_MAX).map(owned).collect()
}

/// Every shape has one of these words in it.
fn speaks_of_software(results: &str) -> bool {
    ["version", "kb", "package"].iter().any(|word| text::find_ignoring_case(results, word).is_some())
}

/// A name, if it can be one.
fn name(text: &str) -> Option<&str> {
    let text = text::trimmed(text);
    let can_be = text.len() <= WORDS_BYTES_MAX && text.contains(char::is_alphanumeric) && !text.ends_with(':');
    can_be.then_some(text)
}

/// A version, if it can be one.
fn version(text: &str) -> Option<&str> {
    let text = text::trimmed(text);
    (text.len() <= WORDS_BYTES_MAX && text.bytes().any(|byte| byte.is_ascii_digit())).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const THREE: &str = "Package\tInstalled Version\tRequired Version\n";

    /// What was read, as `name installed required`, absent parts as `-`.
    fn lines(results: &str) -> Vec<String> {
        let part = |part: Option<String>| part.unwrap_or("-".into());
        read(results).into_iter().map(|p| format!("{} {} {}", p.name, part(p.installed), part(p.required))).collect()
    }

    #[test]
    fn tables_are_read() {
        let cases: &[(&str, &[&str])] = &[
            (
                "kernel-core\t4.18.0-513.5.1.el8_9.x86_64\t4.18.0-513.11.1.el8_9\nkernel\t4.18.0\t4.19.0",
                &["kernel 4.18.0 4.19.0", "kernel-core 4.18.0-513.5.1.el8_9.x86_64 4.18.0-513.11.1.el8_9"],
            ),
            (
                "openssl-libs\t1:1.1.1k-9.el8_7.x86_64\t1:1.1.1k-12.el8_9",
                &["openssl-libs 1:1.1.1k-9.el8_7.x86_64 1:1.1.1k-12.el8_9"],
            ),
            ("a\t1\t2\r\na\t1\t2\r\n", &["a 1 2"]),
            ("a\t1\t2\na\t1\t3\na\t1", &["a 1 -", "a 1 2", "a 1 3"]),
            ("a\t1", &["a 1 -"]),
            ("a\t1\t", &["a 1 -"]),
            ("a\t\t2", &["a - 2"]),
            ("a\t\t", &["a - -"]),
            ("a\tN/A\t2", &["a - 2"]),
            ("Vendor App\t8.0 Update 3\t8.0 Update 4", &["Vendor App 8.0 Update 3 8.0 Update 4"]),
            ("lib&amp;more\t1&#46;0\t2", &["lib&more 1.0 2"]),
            ("a\t1\t2\textra", &["a 1 2"]),
            ("\t1\t2", &[]),
            ("Note:\tsee below\tand above", &[]),
            ("a\t1\t2\n\nb\t1\t2", &["a 1 2"]),
            ("a\t1\t2\nReboot needed.\nb\t1\t2", &["a 1 2"]),
            ("a   1.0   2.0", &["a 1.0 2.0"]),
            ("Vendor App   1.0   2.0", &["Vendor App 1.0 2.0"]),
            ("linux   5.4.0-1103-aws", &["linux 5.4.0-1103-aws -"]),
            ("kernel 3.10.0-1  3.10.0-2\na   1   2", &["a 1 2"]),
            ("kernel 3.10.0-1 3.10.0-2", &["kernel 3.10.0-1 3.10.0-2"]),
            ("Vendor App 1.0 2.0", &["Vendor App 1.0 2.0"]),
            ("linux 5.4.0-1103-aws", &["linux 5.4.0-1103-aws -"]),
            ("Total 2", &[]),
            ("Scanned at 10:15:00 10:16:00", &[]),
            ("The host needs 1.0, or 2.0.", &[]),
        ];
        for (rows, wanted) in cases {
            assert_eq!(lines(&format!("{THREE}{rows}")), *wanted, "{rows:?}");
        }
    }

    #[test]
    fn headers_say_what_the_columns_are() {
        let cases: &[(&str, &[&str])] = &[
            ("Package\tInstalled Version\tRequired Version\na\t1.0\t2.0", &["a 1.0 2.0"]),
            ("PACKAGE\tInstalled version\trequired version \na\t1.0\t2.0", &["a 1.0 2.0"]),
            ("Package   Installed Version  Required Version\na\t1.0\t2.0", &["a 1.0 2.0"]),
            ("Package Installed Version Required Version\na 1.0 2.0", &["a 1.0 2.0"]),
            ("package installedversion  requiredversion\na 1.0 2.0", &["a 1.0 2.0"]),
            ("Package\tRequired Version\tInstalled Version\na\t1.0\t2.0", &["a 2.0 1.0"]),
            ("Package\tInstalled\tRequired\na\t1.0\t2.0", &["a 1.0 2.0"]),
            ("Package\tInstalled\tRequired\tVersion note\na\t1.0\t2.0\tx 9", &["a 1.0 2.0"]),
            ("Package\tInstalled Version\na\t1.0\tx", &["a 1.0 -"]),
            ("Package Installed Version\na 1.0", &["a 1.0 -"]),
            ("Package Required Version\na 1.0", &["a - 1.0"]),
            ("Package Name\tVersion\tPath\nlog4j\t2.14.1\t/opt/app 1/log4j.jar", &["log4j 2.14.1 -"]),
            ("Package Name  Version  Path\nlog4j  2.14.1  /opt/log4j.jar", &["log4j 2.14.1 -"]),
            ("Package Name Version Path\nlog4j 2.14.1 /opt/log4j.jar", &[]),
            ("Packages of version 2 were found:\na\t1.0\t2.0", &[]),
            ("Package\t\tInstalled Version\na\t1.0\t2.0", &[]),
            ("Name\tInstalled Version\na\t1.0", &[]),
            ("Package: installed version\na 1.0", &[]),
            ("Package installed version 2, required version 3\na 1.0 2.0", &[]),
            ("Found:\n\nPackage\tInstalled Version\na\t1\nNext\nPackage\tRequired Version\nb\t2", &["a 1 -", "b - 2"]),
            ("Package\tInstalled Version\nPackage\tRequired Version\na\t1", &["a - 1"]),
        ];
        for (results, wanted) in cases {
            assert_eq!(lines(results), *wanted, "{results:?}");
        }
    }

    #[test]
    fn sentences_are_read() {
        let cases: &[(&str, &[&str])] = &[
            (r"%ProgramFiles%\Vendor\App\app.exe  Version is  119.0.6045.105#", &["app.exe 119.0.6045.105 -"]),
            (r"%windir%\system32\ntoskrnl.exe Version is 10.0.17763.5122.", &["ntoskrnl.exe 10.0.17763.5122 -"]),
            (r"%windir%\a.dll  Version is  1.0#%windir%\b.dll  version is  2.0#", &["a.dll 1.0 -", "b.dll 2.0 -"]),
            (r"C:\Program Files\My App\my app.exe Version is 1.0", &["my app.exe 1.0 -"]),
            (r"C:\Windows\wininet.dll File Version is 11.0.9600", &["wininet.dll 11.0.9600 -"]),
            (r"\\server\share\a.dll Version is 1.0", &["a.dll 1.0 -"]),
            ("/opt/app/bin/app Version is 1.0, /opt/b Version is 2.0", &["app 1.0 -"]),
            ("/Applications/Vendor App.app Version is 119.0", &["Vendor App.app 119.0 -"]),
            (r"C:\Program Files\Vendor App Version is 1.0", &[]),
            (r"C:\Program Files\Vendor Version is 1.0", &[]),
            (r"%ProgramFiles%\Vendor Installed Version : 1.0", &[]),
            (r"C:\Windows\ Version is 1.0", &[]),
            (r"C:\a.dll Version is unknown", &[]),
            ("The installed Version is 1.0", &[]),
            ("KB5034122 is not installed", &["KB5034122 - -"]),
            ("KB5034122 or KB5034127 is not installed", &["KB5034122 - -", "KB5034127 - -"]),
            (
                "Update KB5034122, KB5034127 or KB5034129 are not installed.",
                &["KB5034122 - -", "KB5034127 - -", "KB5034129 - -"],
            ),
            (r"KB5034122 is not installed  %windir%\a.exe Version is 1.0#", &["KB5034122 - -", "a.exe 1.0 -"]),
            ("KB5034122 is installed", &[]),
            ("KB5034122 was seen, the fix is not installed", &[]),
            ("KB12345 is not installed, KB503412X is not installed", &[]),
            ("Vulnerable version of X Server detected: Version : 3.1.2, Path : /opt/x", &["X Server 3.1.2 -"]),
            ("Vulnerable version of X detected: Version : unknown", &[]),
            ("Java SE  Installed Version : 8u301 Required Version : 8u351", &["Java SE 8u301 8u351"]),
            ("A Installed Version : 1.0 B Installed Version: 3.0 Required Version= 4.0", &["A 1.0 -", "B 3.0 4.0"]),
            (r"C:\x\java.exe Installed Version : 8u301", &["java.exe 8u301 -"]),
            ("Installed Version : 8u301 Required Version : 8u351", &[]),
            ("It is old. Installed Version : 8u301", &[]),
            (r"HKLM\SOFTWARE\Vendor\App  Version = 8.0.3010", &[]),
        ];
        for (results, wanted) in cases {
            assert_eq!(lines(results), *wanted, "{results:?}");
        }
    }

    #[test]
    fn sentences_between_rows_stay_sentences() {
        let results = format!("{THREE}a\t1\t2\n%windir%\\b.dll  Version is  3.0\nC#\t4\t5\n{THREE}C#\t4\t5");
        assert_eq!(lines(&results), ["C# 4 5", "a 1 2", "b.dll 3.0 -"]);
    }

    #[test]
    fn prose_gives_nothing() {
        let cases = [
            "",
            "Certificate #0 CN=localhost (localhost) doesn&apos;t resolve",
            "Server: example/1.0\nversion 1.0 of the protocol is not supported",
            "Port\tService\n22\tssh",
            "Package\nInstalled Version\nRequired Version",
            "packagé version",
        ];
        for results in cases {
            assert_eq!(lines(results), [""; 0], "{results:?}");
        }
    }

    #[test]
    fn packages_have_a_maximum_and_words_have_one() {
        let rows: String = (0..PACKAGES_MAX + 5).map(|n| format!("p{n:05}\t1\t2\n")).collect();
        let found = read(&format!("{THREE}{rows}"));
        assert_eq!((found.len(), found[0].name.as_str()), (PACKAGES_MAX, "p00000"));
        let long = "1".repeat(WORDS_BYTES_MAX + 1);
        assert_eq!(lines(&format!("{THREE}{long}\t1\t2\na\t{long}\t2\nb\t1\t2")), ["a - 2", "b 1 2"]);
    }

    fn rows() -> impl Strategy<Value = std::collections::BTreeSet<(String, Option<String>, Option<String>)>> {
        let version = || prop::option::of("[0-9][a-z0-9.:~-]{0,9}");
        prop::collection::btree_set(("[a-z][a-z0-9.+-]{0,9}", version(), version()), 0..9)
    }

    proptest! {
        #[test]
        fn nothing_is_made_up(
            results in r"((Package|Name|Installed|Required|Version| is | : |Version is 2|not installed|KB5034122| or |vulnerable version of |detected|%w%\\|a\.dll|:|#|&amp;|&#9;|[a-c0-9.]{1,4}|\t|\n| |  |\PC){0,40}\n?){0,4}"
        ) {
            let decoded = entity::decoded(&results);
            for package in read(&results) {
                let words = [Some(package.name), package.installed, package.required];
                let words: Vec<_> = words.into_iter().flatten().collect();
                let stand = |line: &str| words.iter().all(|word| !word.is_empty() && line.contains(word.as_str()));
                prop_assert!(decoded.lines().any(stand), "{words:?} on no line of {decoded:?}");
                let has_digit = |word: &String| word.contains(|c: char| c.is_ascii_digit());
                prop_assert!(words[1..].iter().all(has_digit), "{words:?}");
            }
        }

        #[test]
        fn where_no_known_phrase_stands_there_is_no_package(
            results in r"(Installed|Required|version|KB5034122|C:\\a\.dll| is |=|:|installed|#|[a-c0-9.]{1,4}|\t|\n|  ){0,60}"
        ) {
            let known = ["version is", "not installed", "installed version", "vulnerable version of", "package"];
            if known.iter().all(|phrase| text::find_ignoring_case(&results, phrase).is_none()) {
                prop_assert_eq!(lines(&results), Vec::<String>::new());
            }
        }

        #[test]
        fn a_table_is_read_as_it_was_written(rows in rows()) {
            let cell = |cell: &Option<String>| cell.clone().unwrap_or_default();
            let text: String = rows.iter().map(|(n, i, r)| format!("{n}\t{}\t{}\n", cell(i), cell(r))).collect();
            let read = read(&format!("{THREE}{text}")).into_iter().map(|p| (p.name, p.installed, p.required));
            prop_assert_eq!(read.collect::<Vec<_>>(), rows.into_iter().collect::<Vec<_>>());
        }
    }
}
