//! Tries laws on a component: first on itself, then on one scenario after the other.

use super::law::{How, Law, Trying};
use super::laws::{LAWS, breach_of, recording};
use super::report::{Breach, Report, Tally, Tried};
use super::scene::{Baseline, Scene};
use super::{Follow, Recording, Subject};
use crate::connector::Connector;
use crate::outcome::Verdict;
use crate::run::End;
use crate::stop::Stop;
use anyhow::Result;
use std::collections::BTreeSet;

/// Tries laws on a component over recorded scenarios; ends early, with what was tried so far, when somebody says stop.
pub async fn conform(
    subject: &Subject,
    recordings: &[Recording],
    laws: &[&'static Law],
    follow: &dyn Follow,
    stop: &Stop,
) -> Result<Report> {
    let mut trial = Trial {
        wanted: laws.iter().map(|law| law.id).collect(),
        report: Report {
            connector: None,
            version: None,
            sha256: subject.facts().sha256.clone(),
            compatible: subject.connector().is_ok(),
            scenarios: recordings.len(),
            memory_peak_bytes: 0,
            interrupted: false,
            laws: LAWS.iter().map(|law| Tried::new(law)).collect(),
        },
        follow,
    };
    let is_interrupted = tokio::select! {
        biased;
        _ = stop.stopped() => true,
        tried = trial.run(subject, recordings) => tried.map(|()| false)?,
    };
    Ok(trial.conclude(is_interrupted))
}

struct Trial<'a> {
    wanted: BTreeSet<&'static str>,
    report: Report,
    follow: &'a dyn Follow,
}

impl Trial<'_> {
    async fn run(&mut self, subject: &Subject, recordings: &[Recording]) -> Result<()> {
        let Some(connector) = self.load(subject) else { return Ok(()) };
        let mut scenes = Vec::new();
        if let Err(End::Guest(_)) = connector.described().await {
            self.alone(connector, &scenes).await?;
            self.skip("its manifest cannot be used");
            return Ok(());
        }
        let manifest = connector.describe().await?;
        (self.report.connector, self.report.version) = (Some(manifest.name), Some(manifest.version));
        for Recording { folder, syncs_before } in recordings {
            match Scene::open(connector, folder, *syncs_before).await? {
                Ok(scene) => scenes.push(scene),
                Err(breach) => self.broke(recording::LAW.id, breach),
            }
        }
        self.alone(connector, &scenes).await?;
        for scene in &scenes {
            self.scene(scene).await?;
        }
        self.skip(if recordings.is_empty() { "no scenario was named" } else { "no scenario came so far" });
        Ok(())
    }

    /// Says whether the component can be run at all.
    fn load<'s>(&mut self, subject: &'s Subject) -> Option<&'s Connector> {
        let law = LAWS.iter().find(|law| matches!(law.how, How::Loading))?;
        self.follow.trying(law, None);
        match subject.connector() {
            Ok(connector) => {
                self.add(law.id, None, Tally::one([]));
                Some(connector)
            }
            Err(incompatible) => {
                self.broke(law.id, Breach::new(incompatible.hint.clone(), incompatible.what.clone()));
                self.skip("the component cannot be loaded");
                None
            }
        }
    }

    /// The laws that are about the component itself; without a usable manifest it can do no more than say what it is.
    async fn alone(&mut self, connector: &Connector, scenes: &[Scene]) -> Result<()> {
        for law in self.wanted() {
            if let How::Alone(tried) = law.how {
                self.follow.trying(law, None);
                let tally = tried(connector, scenes).await?;
                self.add(law.id, None, tally);
            }
        }
        Ok(())
    }

    /// The laws that are about a sync. A sync that breaks one by itself cannot show whether it keeps the others.
    async fn scene(&mut self, scene: &Scene) -> Result<()> {
        let wanted: Vec<_> = self.wanted().into_iter().filter(|law| law.needs_scenario()).collect();
        let Some(first) = wanted.first() else { return Ok(()) };
        self.follow.trying(first, Some(&scene.name));
        let baseline = scene.undisturbed().await?;
        let peak = &mut self.report.memory_peak_bytes;
        *peak = baseline.outcome.usage.memory_peak_bytes.max(*peak);
        if let Some(breach) = breach_of(&baseline.outcome.verdict) {
            let law = breach.law.unwrap_or(recording::LAW.id);
            self.broke(law, Breach { scenario: Some(scene.name.clone()), ..breach });
            return Ok(());
        }
        let is_configured = !matches!(baseline.outcome.verdict, Verdict::Unconfigured(_));
        for law in wanted.into_iter().filter(|law| is_configured || law.id == recording::LAW.id) {
            self.follow.trying(law, Some(&scene.name));
            let tally = try_on(law, scene, &baseline).await?;
            self.add(law.id, Some(&scene.name), tally);
        }
        Ok(())
    }

    fn wanted(&self) -> Vec<&'static Law> {
        LAWS.iter().copied().filter(|law| self.wanted.contains(law.id)).collect()
    }

    fn add(&mut self, law: &'static str, scenario: Option<&str>, tally: Tally) {
        let Tally { cases, breaches, notes, reason } = tally;
        self.tried(law).add(cases, notes, reason);
        for breach in breaches {
            let scenario = breach.scenario.clone().or(scenario.map(str::to_owned));
            self.broke(breach.law.unwrap_or(law), Breach { scenario, ..breach });
        }
    }

    fn broke(&mut self, law: &'static str, breach: Breach) {
        self.tried(law).broke(breach);
    }

    fn tried(&mut self, law: &'static str) -> &mut Tried {
        let at = LAWS.iter().position(|known| known.id == law).unwrap_or_default();
        &mut self.report.laws[at]
    }

    fn skip(&mut self, reason: &str) {
        self.report.laws.iter_mut().for_each(|law| law.skip(Some(reason.to_owned())));
    }

    /// The report, without laws that nobody asked for and that nothing broke.
    fn conclude(mut self, is_interrupted: bool) -> Report {
        if is_interrupted {
            self.report.interrupted = true;
            self.skip("it was not tried before the stop");
        }
        let wanted = self.wanted;
        self.report.laws.retain(|law| wanted.contains(law.id) || !law.breaches.is_empty());
        self.report
    }
}

async fn try_on(law: &Law, scene: &Scene, baseline: &Baseline) -> Result<Tally> {
    let trying: Trying<'_> = match law.how {
        How::Looking(look) => return Ok(look(scene, baseline)),
        How::Again(tried) => tried(scene, baseline),
        How::Loading | How::Alone(_) => return Ok(Tally::default()),
    };
    trying.await
}
