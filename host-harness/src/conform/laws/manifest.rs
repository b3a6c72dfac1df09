//! What a connector says it is: usable by the host, and by the person who fills in its form.

mod fields;

use crate::bindings::configure::{Manifest, SecretPlace, SecretSource};
use crate::conform::law::{How, Law, Trying};
use crate::conform::report::{Breach, Tally};
use crate::conform::scene::Witness;
use crate::connector::Connector;
use crate::limits::Limits;
use crate::outcome::Verdict;
use crate::settings::Described;
use std::sync::Arc;
use std::time::Duration;

/// Time for a connector to say what it is.
const CPU_MAX: Duration = Duration::from_secs(10);

/// The law.
pub const LAW: Law = Law {
    id: "manifest",
    title: "Manifest and form are sane",
    asks: "describe asks nobody and always answers the same: a name in kebab case, a semantic version, a form that is a JSON Schema \
           (2020-12) of an object whose fields have title, x-help, x-order and a default that fits, secrets marked with x-secret, \
           and uses of none but these.",
    stands: "wit/connector.wit, configure",
    how: How::Alone(|connector, _| Box::pin(tried(connector)) as Trying<'_>),
};

async fn tried(connector: &Connector) -> anyhow::Result<Tally> {
    let limits = Limits { cpu_max: CPU_MAX, ..Limits::default() };
    let witness = Arc::new(Witness::default());
    let mut said = Vec::new();
    for _ in 0..2 {
        match connector.manifest_as_said(&limits, witness.clone()).await?.verdict {
            Verdict::Returned(manifest) => said.push(manifest),
            other => return Ok(Tally::one([Breach::new("describe answers", other.to_string())])),
        }
    }
    let called = witness.calls_beside_log();
    let asked = (!called.is_empty())
        .then(|| Breach::new("describe calls no import but log", format!("it called {}", called.join(", "))));
    let shown: Vec<_> = said.iter().map(|manifest| format!("{manifest:?}")).collect();
    let changes = shown.windows(2).any(|pair| pair[0] != pair[1]);
    let changes = changes.then(|| Breach::new("describe always answers the same", "another manifest the second time"));
    let flaws = said.pop().map(|manifest| judge(&manifest)).unwrap_or_default();
    Ok(Tally { cases: 2, breaches: asked.into_iter().chain(changes).chain(flaws).collect(), ..Tally::default() })
}

/// Everything that is wrong with a manifest.
fn judge(manifest: &Manifest) -> Vec<Breach> {
    let mut flaws = Vec::new();
    let mut expect = |holds: bool, expected: &str, came: &str| {
        if !holds {
            flaws.push(Breach::new(expected, came));
        }
    };
    expect(is_kebab(&manifest.name), "a name in kebab case", &format!("{:?}", manifest.name));
    expect(!manifest.title.trim().is_empty(), "a title for people", "an empty one");
    let version = &manifest.version;
    expect(semver::Version::parse(version).is_ok(), "a semantic version, such as 1.2.3", &format!("{version:?}"));
    for line in manifest.reads.iter().chain(&manifest.permissions) {
        let is_one = !line.trim().is_empty() && !line.contains('\n');
        expect(is_one, "one line for everything it reads and every permission", &format!("{line:?}"));
    }
    for using in &manifest.secret_uses {
        expect(!using.origin.is_empty(), "an origin for every use of a secret", "an empty one");
        if let SecretPlace::Header(name) = &using.place {
            expect(name.to_ascii_lowercase() == *name, "names of headers in lower case", &format!("{name:?}"));
        }
        if let SecretSource::Setting(name) = &using.secret {
            let is_secret = fields::is_secret(&manifest.settings_schema, name);
            expect(is_secret, "uses of secret settings alone", &format!("a use of {name:?}, which is none"));
        }
    }
    let fields = fields::judge(&manifest.settings_schema);
    let is_told = !fields.is_empty() || !flaws.is_empty();
    flaws.extend(fields);
    // Whatever else the host refuses a manifest for.
    let refused = Described::new(manifest.clone()).err().filter(|_| !is_told);
    flaws.extend(refused.map(|unlawful| Breach::new("a manifest that the host can use", unlawful.message)));
    flaws
}

fn is_kebab(name: &str) -> bool {
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    name.split('-').all(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::configure::SecretUse;

    fn manifest() -> Manifest {
        let form = r#"{"type":"object","properties":{
            "api_key":{"type":"string","title":"Key","x-help":"From the menu.","x-order":1,"x-secret":true}}}"#;
        Manifest {
            name: "made-up-2".into(),
            title: "Made-up Scanner".into(),
            version: "1.2.3-rc.1".into(),
            settings_schema: form.into(),
            secret_uses: vec![using("api_key", "x-key")],
            reads: vec!["hosts".into()],
            permissions: vec![],
        }
    }

    fn using(secret: &str, header: &str) -> SecretUse {
        SecretUse {
            secret: SecretSource::Setting(secret.into()),
            origin: "api".into(),
            place: SecretPlace::Header(header.into()),
        }
    }

    #[test]
    fn what_is_wrong_with_a_manifest_is_told() {
        for (case, manifest, expected) in [
            ("good", manifest(), None),
            ("no name", Manifest { name: "".into(), ..manifest() }, Some("a name in kebab case")),
            ("shouted", Manifest { name: "Made-Up".into(), ..manifest() }, Some("a name in kebab case")),
            ("odd ends", Manifest { name: "-made".into(), ..manifest() }, Some("a name in kebab case")),
            ("no title", Manifest { title: " ".into(), ..manifest() }, Some("a title")),
            ("a date", Manifest { version: "2026-03".into(), ..manifest() }, Some("a semantic version")),
            ("two lines", Manifest { reads: vec!["a\nb".into()], ..manifest() }, Some("one line")),
            ("no form", Manifest { settings_schema: "{}".into(), secret_uses: vec![], ..manifest() }, Some("a form")),
            ("no secret", Manifest { secret_uses: vec![using("url", "x-key")], ..manifest() }, Some("uses of secret")),
            (
                "a header",
                Manifest { secret_uses: vec![using("api_key", "X-Key")], ..manifest() },
                Some("names of headers"),
            ),
        ] {
            let flaws = judge(&manifest);
            let got: Vec<_> = flaws.iter().map(|flaw| flaw.expected.as_str()).collect();
            assert_eq!(got.len(), usize::from(expected.is_some()), "{case}: {got:?}");
            assert!(got.iter().all(|got| got.starts_with(expected.unwrap_or_default())), "{case}: {got:?}");
        }
    }
}
