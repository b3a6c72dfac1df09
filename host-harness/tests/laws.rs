//! The contract's laws, tried on every connector over every recording of its source.

mod support;

use host_harness::Engine;
use host_harness::conform::{LAWS, Recording, Report, Subject, Unfollowed, Verdict, conform};
use host_harness::connector::Cache;
use host_harness::stop::Stop;
use std::path::PathBuf;

#[tokio::test]
async fn the_connector_for_a_made_up_source_keeps_every_law() {
    let folders = support::scenarios(support::CSV_SCENARIOS).into_iter().chain([support::long_page()]);
    assert_kept(&tried(support::CSV, folders.collect(), &["three-pages", "long-page"]).await);
}

#[tokio::test]
async fn the_connector_for_qualys_keeps_every_law() {
    assert_kept(&tried(support::QUALYS, support::scenarios(support::QUALYS_SCENARIOS), &["two-pages-of-hosts"]).await);
}

/// Tries every law on every recording, and on some of them after a sync of it.
async fn tried(component: &str, folders: Vec<PathBuf>, again: &[&str]) -> Report {
    let subject = Subject::load(&Engine::start().unwrap(), &support::built(component), &Cache::at(support::cache()));
    let is_again = |folder: &&PathBuf| again.iter().any(|name| folder.ends_with(name));
    let later = folders.iter().filter(is_again).map(|folder| Recording { folder: folder.clone(), syncs_before: 1 });
    let first = folders.iter().map(|folder| Recording { folder: folder.clone(), syncs_before: 0 });
    let recordings: Vec<_> = first.chain(later).collect();
    conform(&subject.unwrap(), &recordings, LAWS, &Unfollowed, &Stop::new()).await.unwrap()
}

fn assert_kept(report: &Report) {
    let broken: Vec<_> = report.laws.iter().filter(|law| law.verdict != Verdict::Kept).collect();
    assert!(broken.is_empty(), "{broken:#?}");
}
