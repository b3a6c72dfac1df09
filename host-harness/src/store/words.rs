//! The contract's words for enumerations, and lists as JSON.

use crate::bindings::model::{FindingStatus, OpenPort, SoftwarePackage, VulnerabilityKind};
use crate::bindings::sync::Ended;
use anyhow::{Context, Result, bail};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A finding's status.
pub fn status(status: FindingStatus) -> &'static str {
    match status {
        FindingStatus::Vulnerable => "vulnerable",
        FindingStatus::Fixed => "fixed",
        FindingStatus::IgnoredFalsePositive => "ignored-false-positive",
        FindingStatus::IgnoredRiskAcknowledged => "ignored-risk-acknowledged",
    }
}

/// The status that a word names.
pub fn read_status(word: &str) -> Result<FindingStatus> {
    use FindingStatus::*;
    named(word, &[Vulnerable, Fixed, IgnoredFalsePositive, IgnoredRiskAcknowledged], status)
}

/// A vulnerability's kind.
pub fn kind(kind: VulnerabilityKind) -> &'static str {
    match kind {
        VulnerabilityKind::Vulnerability => "vulnerability",
        VulnerabilityKind::Control => "control",
    }
}

/// The kind that a word names.
pub fn read_kind(word: &str) -> Result<VulnerabilityKind> {
    named(word, &[VulnerabilityKind::Vulnerability, VulnerabilityKind::Control], kind)
}

/// How an attempt ended.
pub fn ended(ended: Ended) -> &'static str {
    match ended {
        Ended::Complete => "complete",
        Ended::InPart => "in-part",
        Ended::Stopped => "stopped",
        Ended::Failed => "failed",
    }
}

fn named<T: Copy>(word: &str, values: &[T], name: fn(T) -> &'static str) -> Result<T> {
    match values.iter().find(|value| name(**value) == word) {
        Some(value) => Ok(*value),
        None => bail!("the store says {word:?}, which is no word of the contract"),
    }
}

/// A list as it stands in a column.
pub fn list<T: Serialize>(list: &[T]) -> Result<String> {
    Ok(if list.is_empty() { "[]".to_owned() } else { serde_json::to_string(list)? })
}

/// The list that stands in a column.
pub fn read_list<T: DeserializeOwned>(text: &str) -> Result<Vec<T>> {
    if text == "[]" {
        return Ok(Vec::new());
    }
    serde_json::from_str(text).with_context(|| format!("reading the list {text}"))
}

/// An open port without what is absent.
#[derive(Serialize)]
pub struct Port<'a> {
    port: u16,
    protocol: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'a str>,
}

/// Open ports without what is absent.
pub fn ports(ports: &[OpenPort]) -> Vec<Port<'_>> {
    ports.iter().map(|p| Port { port: p.port, protocol: &p.protocol, service: p.service.as_deref() }).collect()
}

/// A package without what is absent.
#[derive(Serialize)]
pub struct Package<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    installed: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    required: Option<&'a str>,
}

/// Packages without what is absent.
pub fn packages<'a>(packages: impl IntoIterator<Item = &'a SoftwarePackage>) -> Vec<Package<'a>> {
    let package = |p: &'a SoftwarePackage| Package {
        name: &p.name,
        installed: p.installed.as_deref(),
        required: p.required.as_deref(),
    };
    packages.into_iter().map(package).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back() {
        use FindingStatus::*;
        for value in [Vulnerable, Fixed, IgnoredFalsePositive, IgnoredRiskAcknowledged] {
            assert_eq!(read_status(status(value)).unwrap(), value);
        }
        for value in [VulnerabilityKind::Vulnerability, VulnerabilityKind::Control] {
            assert_eq!(read_kind(kind(value)).unwrap(), value);
        }
        assert!(read_status("open").unwrap_err().to_string().contains("\"open\""));
    }

    #[test]
    fn lists_are_read_back_and_leave_out_what_is_absent() {
        let given = [
            SoftwarePackage { name: "a".into(), installed: None, required: Some("2".into()) },
            SoftwarePackage { name: "b".into(), installed: None, required: None },
        ];
        let text = list(&packages(&given)).unwrap();
        assert_eq!(text, r#"[{"name":"a","required":"2"},{"name":"b"}]"#);
        assert_eq!(read_list::<SoftwarePackage>(&text).unwrap(), given);
        let given = [OpenPort { port: 443, protocol: "tcp".into(), service: None }];
        let text = list(&ports(&given)).unwrap();
        assert_eq!(text, r#"[{"port":443,"protocol":"tcp"}]"#);
        assert_eq!(read_list::<OpenPort>(&text).unwrap(), given);
        assert_eq!(list::<u8>(&[]).unwrap(), "[]");
    }
}
