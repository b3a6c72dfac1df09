//! What the contract promises of every record, tried with texts that no source should send.

use super::{asset, finding, vulnerability};
use crate::bindings::connector::contract::model::{Asset, Finding, Fix, Property, Vulnerability};
use crate::qualys::{Text, detection, host_list, knowledge_base};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// As many texts as a record of the vendor has fields, absent ones included.
fn texts() -> impl Strategy<Value = Vec<Option<String>>> {
    let odd = r"(&nbsp;|&#32;|&amp;nbsp;|\x{a0}|\x{2003}| |\t|\n|\r|<P>|<PRE>|</PRE>|<LI>|<A HREF=x>|</A>|null|7|KB5034122 is not installed|a\.dll|\PC){0,6}";
    prop::collection::vec(prop::option::of(odd), 24)
}

/// The next text, as a reader would hand it over.
fn next(texts: &mut impl Iterator<Item = Option<String>>) -> Text<'static> {
    let text = texts.next().flatten()?;
    Some(text.trim_ascii().to_owned().into()).filter(|text: &std::borrow::Cow<'_, str>| !text.is_empty())
}

/// What is wrong with these texts: they are to be trimmed, and never empty.
fn untidy<'t>(texts: impl IntoIterator<Item = &'t String>) -> Vec<&'t String> {
    texts.into_iter().filter(|text| text.is_empty() || text.trim() != text.as_str()).collect()
}

fn values(properties: &[Property]) -> impl Iterator<Item = &String> {
    properties.iter().map(|property| &property.value)
}

/// Sorted, and each once.
fn is_set<T: Ord>(list: impl IntoIterator<Item = T>) -> bool {
    let list: Vec<T> = list.into_iter().collect();
    list.windows(2).all(|pair| pair[0] < pair[1])
}

fn pairs(properties: &[Property]) -> impl Iterator<Item = (&String, &String)> {
    properties.iter().map(|property| (&property.name, &property.value))
}

proptest! {
    #[test]
    fn every_asset_is_tidy(given in texts()) {
        let mut given = given.into_iter();
        let mut text = || next(&mut given);
        let host = host_list::Host {
            id: Some("42".into()),
            asset_id: text(),
            ip: text(),
            ipv6: text(),
            tracking_method: text(),
            network_id: text(),
            network_name: text(),
            dns: text(),
            fqdn: text(),
            netbios: text(),
            os: text(),
            qg_hostid: text(),
            cloud_provider: text(),
            cloud_resource_id: text(),
            ec2_instance_id: text(),
            ec2_instance_state: text(),
            ec2_region: text(),
            tags: [text(), text(), text()].into_iter().flatten().collect(),
            first_found_date: text(),
            ..host_list::Host::default()
        };
        let asset = asset::listed(&host, &BTreeMap::new(), false);
        let Asset { name, fqdn, os, state, tags, properties, .. } = asset.unwrap();
        let options = [&fqdn, &os, &state].into_iter().flatten();
        let all = options.chain([&name]).chain(tags.iter().map(|tag| &tag.name)).chain(values(&properties));
        prop_assert_eq!(untidy(all), Vec::<&String>::new());
        prop_assert!(is_set(tags.iter().map(|tag| (&tag.name, &tag.origin))) && is_set(pairs(&properties)));
    }

    #[test]
    fn every_finding_is_tidy(given in texts()) {
        let mut given = given.into_iter();
        let mut text = || next(&mut given);
        let detection = detection::Detection {
            unique_vuln_id: text(),
            qid: Some("7".into()),
            severity: text(),
            port: text(),
            protocol: text(),
            fqdn: text(),
            ssl: text(),
            instance: text(),
            results: text(),
            status: text(),
            times_found: text(),
            last_fixed_datetime: text(),
            service: text(),
            affect_running_kernel: text(),
            ..detection::Detection::default()
        };
        let finding = finding::detected("42", &detection, 64);
        let Finding { protocol, evidence, packages, properties, .. } = finding.unwrap();
        let versions = packages.iter().flat_map(|package| [&package.installed, &package.required]).flatten();
        let options = [&protocol, &evidence].into_iter().flatten();
        let names = packages.iter().map(|package| &package.name);
        let all = options.chain(names).chain(versions).chain(values(&properties));
        prop_assert_eq!(untidy(all), Vec::<&String>::new());
        prop_assert!(is_set(packages.iter().map(|p| (&p.name, &p.installed, &p.required))));
        prop_assert!(is_set(pairs(&properties)));
    }

    #[test]
    fn every_vulnerability_is_tidy(given in texts()) {
        let mut given = given.into_iter();
        let mut text = || next(&mut given);
        let vuln = knowledge_base::Vuln {
            qid: Some("7".into()),
            severity_level: text(),
            title: text(),
            category: text(),
            patchable: text(),
            diagnosis: text(),
            solution: text(),
            cvss_base: text(),
            cvss_v3_base: text(),
            cvss_v3_vector_string: text(),
            cvss_v3_version: text(),
            cves: [text(), text(), text()].into_iter().flatten().collect(),
            threat_intel: [text(), text()].into_iter().flatten().collect(),
            ..knowledge_base::Vuln::default()
        };
        let vulnerability = vulnerability::described(&vuln).unwrap();
        let Vulnerability { title, description, score, cves, fix, properties, .. } = vulnerability;
        let Fix { description: how, references, .. } = fix.unwrap();
        prop_assert!(!title.contains('\n') && score.is_none_or(|score| (0.0..=10.0).contains(&score)));
        let options = [&description, &how].into_iter().flatten();
        let all = options.chain([&title]).chain(&cves).chain(&references).chain(values(&properties));
        prop_assert_eq!(untidy(all), Vec::<&String>::new());
        prop_assert!(is_set(&cves) && is_set(pairs(&properties)));
    }
}
