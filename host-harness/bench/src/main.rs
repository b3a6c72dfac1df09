//! interim
mod component; mod cpu; mod native; mod source; mod tally;
use host_harness::{Engine, Connector, Tenant};
use host_harness::connector::Cache;
use std::sync::Arc;
#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let source = source::Source::load();
    let what = std::env::args().nth(1).unwrap();
    let runs: usize = std::env::args().nth(2).map_or(3, |n| n.parse().unwrap());
    let settings = serde_json::json!({"api_server":"https://qualysapi.qg3.apps.qualys.com","username":"u","password":{"secret":true},"compliance":"off","slice_hosts":1000});
    let mut best = f64::INFINITY;
    match what.as_str() {
        "floor" => for _ in 0..runs {
            let (n, s) = cpu::timed(|| { let mut r = quick_xml::Reader::from_reader(&source.page[..]); let mut n=0u64; loop { match r.read_event().unwrap() { quick_xml::events::Event::Eof => break n, _ => n+=1 } } });
            best = best.min(s); println!("floor {n} events {:.1} MB/s", source.page.len() as f64 / 1e6 / s);
        },
        "native" => for _ in 0..runs {
            let (t, s) = cpu::timed(|| native::sync(&source, &settings)); let t = t?;
            best = best.min(s); println!("native {t:?} {:.0}/s {:.1} MB/s", t.findings as f64 / s, t.bytes as f64/1e6/s);
        },
        w => {
            let engine = if w == "noepochs" { Engine::without_interruption()? } else { Engine::start()? };
            let connector = Connector::load_with(&engine, std::path::Path::new("target/wasm32-wasip2/wasm/qualys_connector.wasm"), &Cache::off())?;
            let mut map = settings.as_object().unwrap().clone(); map.remove("password");
            let mut secrets = host_harness::http::secrets::Secrets::default(); secrets.insert("password", "not-a-real-password");
            let mut limits = host_harness::limits::Limits::default(); limits.cpu_max = std::time::Duration::from_secs(3600);
            let tenant = Tenant { name: "b".into(), settings: map, secrets, network: Default::default(), limits };
            connector.describe().await?;
            for _ in 0..runs {
                let start = cpu::now();
                let (t, u) = component::sync(&connector, &source, &tenant).await?;
                let s = (cpu::now() - start).as_secs_f64();
                println!("{w} {t:?} {:.0}/s {:.1} MB/s peak {:.2} MiB", t.findings as f64 / s, t.bytes as f64/1e6/s, u.memory_peak_bytes as f64/1048576.);
            }
        }
    }
    let _ = Arc::new(best);
    Ok(())
}
