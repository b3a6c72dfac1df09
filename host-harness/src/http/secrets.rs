//! Fills in what a request names and the manifest declared; nothing else ever sees it.
//!
//! Whether a request may leave at all is for `policy.rs`; whether an answer repeats a secret, for `echo.rs`.

use super::outgoing::Part;
use super::policy::{Allowed, Denied};
use crate::bindings::configure::{SecretPlace, SecretSource, SecretUse};
use std::collections::BTreeMap;
use std::fmt;
use url::Origin;
use zeroize::Zeroizing;

/// Shorter secrets are not looked for in texts: they would turn up everywhere by chance.
pub(crate) const SECRET_BYTES_MIN: usize = 4;

/// The secret settings of a tenant, by name. `Debug` shows names only.
#[derive(Clone, Default)]
pub struct Secrets(BTreeMap<String, Zeroizing<String>>);

impl Secrets {
    /// Adds a secret, or replaces it.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), Zeroizing::new(value.into()));
    }

    /// Takes a secret out.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// The value of a secret.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.as_str())
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// A secret on its way out. `Debug` shows its name only.
#[derive(Clone)]
pub struct Secret {
    /// What a recording writes in its place: `password`, or `kept:api` for an answer kept from that origin.
    pub name: String,
    /// Its value.
    pub value: Zeroizing<String>,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{{{}}}}}", self.name)
    }
}

/// An answer that the host keeps as a secret. It belongs to the origin that gave it.
pub struct Kept {
    pub(super) value: Zeroizing<String>,
    pub(super) origin: Origin,
}

/// What a request names as a value.
pub enum Named<'a> {
    /// Plain text.
    Text(String),
    /// The secret setting of this name.
    Setting(String),
    /// A kept answer.
    Kept(&'a Kept),
}

/// The uses of secrets that a manifest declares, and the secrets.
#[derive(Default)]
pub struct Declared {
    uses: Vec<SecretUse>,
    secrets: Secrets,
}

impl Declared {
    /// What a manifest declares, with a tenant's secrets.
    pub fn new(uses: &[SecretUse], secrets: &Secrets) -> Self {
        Self { uses: uses.to_vec(), secrets: secrets.clone() }
    }

    /// Fills in a value that is to stand at a place of a request to an origin.
    pub fn fill(&self, allowed: &Allowed, named: Named<'_>, place: &SecretPlace, to: &Origin) -> Result<Part, Denied> {
        let declared = |is_source: &dyn Fn(&SecretSource) -> bool| {
            self.uses.iter().find(|using| {
                is_source(&using.secret) && is_same_place(&using.place, place) && allowed.is_named(&using.origin, to)
            })
        };
        match named {
            Named::Text(text) => Ok(Part::Text(text)),
            Named::Setting(name) => {
                declared(&|source| matches!(source, SecretSource::Setting(setting) if *setting == name))
                    .ok_or_else(|| undeclared(&format!("the secret `{name}`"), place, to))?;
                let value = self.secrets.get(&name).filter(|value| !value.is_empty());
                let value =
                    value.ok_or_else(|| Denied::new("secret.unset", format!("the secret `{name}` is not set")))?;
                secret(name, value, place)
            }
            Named::Kept(kept) => {
                let using = declared(
                    &|source| matches!(source, SecretSource::Kept(name) if allowed.is_named(name, &kept.origin)),
                )
                .ok_or_else(|| {
                    undeclared(&format!("an answer kept from {}", kept.origin.ascii_serialization()), place, to)
                })?;
                let (SecretSource::Kept(origin) | SecretSource::Setting(origin)) = &using.secret;
                secret(format!("kept:{origin}"), &kept.value, place)
            }
        }
    }
}

fn secret(name: String, value: &str, place: &SecretPlace) -> Result<Part, Denied> {
    if matches!(place, SecretPlace::Header(_)) && !super::policy::may_stand_in_a_header(value) {
        return Err(Denied::new(
            "secret.unusable",
            format!("the secret `{name}` has a character that no header may have"),
        ));
    }
    Ok(Part::Secret(Secret { name, value: Zeroizing::new(value.to_owned()) }))
}

fn is_same_place(declared: &SecretPlace, place: &SecretPlace) -> bool {
    match (declared, place) {
        (SecretPlace::BasicPassword, SecretPlace::BasicPassword) => true,
        (SecretPlace::Header(one), SecretPlace::Header(other)) => one.eq_ignore_ascii_case(other),
        (SecretPlace::FormField(one), SecretPlace::FormField(other)) => one == other,
        _ => false,
    }
}

fn undeclared(what: &str, place: &SecretPlace, to: &Origin) -> Denied {
    let place = match place {
        SecretPlace::BasicPassword => "the password of basic authentication".to_owned(),
        SecretPlace::Header(name) => format!("the header {name}"),
        SecretPlace::FormField(name) => format!("the form field {name}"),
    };
    let message = format!("the manifest does not declare {what} as {place} at {}", to.ascii_serialization());
    Denied::new("secret.undeclared", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::configure;
    use crate::tenant::Network;
    use url::Url;

    fn origin(url: &str) -> Origin {
        Url::parse(url).unwrap().origin()
    }

    #[test]
    fn a_secret_stands_only_where_the_manifest_declares_it() {
        let named = |name: &str, url: &str| configure::Origin { name: name.into(), url: url.into() };
        let origins =
            [named("api", "https://api.example.com:443"), named("gateway", "https://gateway.example.com:443")];
        let allowed = Allowed::new(&origins, &Network::default());
        let setting = |name: &str| SecretSource::Setting(name.into());
        let using = |secret, origin: &str, place| SecretUse { secret, origin: origin.into(), place };
        let form = |name: &str| SecretPlace::FormField(name.into());
        let header = |name: &str| SecretPlace::Header(name.into());
        let uses = [
            using(setting("password"), "api", SecretPlace::BasicPassword),
            using(setting("password"), "gateway", form("password")),
            using(setting("lines"), "api", header("x-key")),
            using(setting("unset"), "api", header("x-key")),
            using(SecretSource::Kept("gateway".into()), "gateway", header("authorization")),
        ];
        let mut secrets = Secrets::default();
        secrets.insert("password", "not-a-real-password");
        secrets.insert("lines", "two\r\nlines");
        secrets.insert("other", "x");
        let declared = Declared::new(&uses, &secrets);
        let kept = |url| Kept { value: Zeroizing::new("token".into()), origin: origin(url) };
        let (of_api, of_gateway) = (kept("https://api.example.com"), kept("https://gateway.example.com"));
        let password = || Named::Setting("password".into());
        let setting = |name: &str| Named::Setting(name.into());
        let (api, gateway) = ("https://api.example.com", "https://gateway.example.com");
        for (case, named, place, to, expected) in [
            ("text may stand anywhere", Named::Text("x".into()), header("x-any"), api, "x"),
            ("declared for basic", password(), SecretPlace::BasicPassword, api, "{{password}}"),
            ("declared for the form", password(), form("password"), gateway, "{{password}}"),
            ("basic, the other origin", password(), SecretPlace::BasicPassword, gateway, "secret.undeclared"),
            ("the form, the other origin", password(), form("password"), api, "secret.undeclared"),
            ("another field", password(), form("comment"), gateway, "secret.undeclared"),
            ("a header of that name", password(), header("password"), gateway, "secret.undeclared"),
            ("a secret never declared", setting("other"), SecretPlace::BasicPassword, api, "secret.undeclared"),
            ("a secret nobody knows", setting("nothing"), SecretPlace::BasicPassword, api, "secret.undeclared"),
            ("declared, not set", setting("unset"), header("X-Key"), api, "secret.unset"),
            ("breaks out of its header", setting("lines"), header("x-key"), api, "secret.unusable"),
            ("kept, where declared", Named::Kept(&of_gateway), header("Authorization"), gateway, "{{kept:gateway}}"),
            ("kept, the other origin", Named::Kept(&of_gateway), header("authorization"), api, "secret.undeclared"),
            ("kept from the other origin", Named::Kept(&of_api), header("authorization"), gateway, "secret.undeclared"),
            ("kept, in a form", Named::Kept(&of_gateway), form("token"), gateway, "secret.undeclared"),
        ] {
            let filled = declared.fill(&allowed, named, &place, &origin(to));
            let got = filled.map_or_else(|denied| denied.code.to_owned(), |part| part.shown());
            assert_eq!(got, expected, "{case}");
        }
    }

    #[test]
    fn a_secret_is_never_printed() {
        let secret = Secret { name: "password".into(), value: Zeroizing::new("not-a-real-password".into()) };
        assert_eq!(format!("{secret:?}"), "{{password}}");
    }
}
