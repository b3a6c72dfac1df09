//! Whatever is wrong with the cache, the component works; and what could be somebody else's code is never loaded.

use super::*;
use crate::engine::Engine as Ours;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use wasmtime::Store;
use wasmtime::component::Linker;

fn component(answer: u32) -> Vec<u8> {
    let text = format!(
        r#"(component
            (core module $m (func (export "answer") (result i32) i32.const {answer}))
            (core instance $i (instantiate $m))
            (func (export "answer") (result u32) (canon lift (core func $i "answer"))))"#
    );
    wat::parse_str(text).unwrap()
}

/// Compiles or loads it, and runs what came of it.
async fn answer(cache: &Cache, engine: &Ours, answer: u32) -> (u32, Origin) {
    let bytes = component(answer);
    let (component, origin) = cache.compile(engine.wasm(), &bytes, &hex(&Sha256::digest(&bytes))).unwrap();
    let mut store = Store::new(engine.wasm(), ());
    store.set_epoch_deadline(u64::MAX >> 1);
    let instance = Linker::new(engine.wasm()).instantiate_async(&mut store, &component).await.unwrap();
    let call = instance.get_typed_func::<(), (u32,)>(&mut store, "answer").unwrap();
    (call.call_async(&mut store, ()).await.unwrap().0, origin)
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// The one compiled component in the directory.
fn compiled(dir: &Path) -> PathBuf {
    let paths = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut paths = paths.filter(|path| path.file_name().is_some_and(|name| name != KEY_FILE));
    let found = paths.next().unwrap();
    assert_eq!(paths.next(), None, "temporary files stay behind");
    found
}

fn rewrite(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn a_component_is_compiled_once_for_each_engine_and_content() {
    let (root, engine) = (tempfile::tempdir().unwrap(), Ours::start().unwrap());
    let dir = root.path().join("new").join("cache");
    let cache = Cache::at(&dir);
    assert_eq!(answer(&cache, &engine, 7).await, (7, Origin::Compiled));
    assert_eq!(answer(&cache, &engine, 7).await, (7, Origin::Cached));
    assert_eq!(answer(&cache, &Ours::start().unwrap(), 7).await, (7, Origin::Cached), "another start of the host");
    assert_eq!(answer(&cache, &engine, 8).await, (8, Origin::Compiled), "another component");
    assert_eq!(answer(&Cache::off(), &engine, 7).await, (7, Origin::Compiled), "no cache");
    assert_eq!(fs::metadata(&dir).unwrap().permissions().mode() & 0o777, 0o700);
    for entry in fs::read_dir(&dir).unwrap() {
        assert_eq!(entry.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    let mut config = wasmtime::Config::new();
    let other = wasmtime::Engine::new(config.epoch_interruption(false)).unwrap();
    assert_ne!(name(&other, "x"), name(engine.wasm(), "x"), "an engine with other settings");
}

#[tokio::test]
async fn a_doubtful_file_or_directory_is_compiled_past() {
    let engine = Ours::start().unwrap();
    type Spoil = fn(&Path);
    let cases: Vec<(&str, Spoil, Origin)> = vec![
        ("a changed byte of code", |dir| rewrite(&compiled(dir), |b| *b.last_mut().unwrap() ^= 1), Origin::Cached),
        ("a changed byte of the authentication", |dir| rewrite(&compiled(dir), |b| b[0] ^= 1), Origin::Cached),
        ("a truncated file", |dir| rewrite(&compiled(dir), |b| b.truncate(b.len() / 2)), Origin::Cached),
        ("a file that is too short", |dir| rewrite(&compiled(dir), |b| b.truncate(KEY_BYTES - 1)), Origin::Cached),
        ("an empty file", |dir| rewrite(&compiled(dir), Vec::clear), Origin::Cached),
        ("a file that others may read", |dir| mode(&compiled(dir), 0o644), Origin::Cached),
        (
            "a linked file",
            |dir| {
                let (file, elsewhere) = (compiled(dir), dir.parent().unwrap().join("elsewhere"));
                fs::rename(&file, &elsewhere).unwrap();
                symlink(&elsewhere, &file).unwrap();
            },
            Origin::Cached,
        ),
        (
            "a pipe",
            |dir| {
                let file = compiled(dir);
                fs::remove_file(&file).unwrap();
                rustix::fs::mknodat(rustix::fs::CWD, &file, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
            },
            Origin::Cached,
        ),
        ("another key", |dir| rewrite(&dir.join(KEY_FILE), |b| b[0] ^= 1), Origin::Cached),
        ("no key", |dir| fs::remove_file(dir.join(KEY_FILE)).unwrap(), Origin::Cached),
        ("a short key", |dir| rewrite(&dir.join(KEY_FILE), |b| b.truncate(8)), Origin::Compiled),
        ("a key that others may read", |dir| mode(&dir.join(KEY_FILE), 0o640), Origin::Compiled),
        ("a directory that others may enter", |dir| mode(dir, 0o750), Origin::Compiled),
        (
            "a linked directory",
            |dir| {
                let elsewhere = dir.with_file_name("elsewhere");
                fs::rename(dir, &elsewhere).unwrap();
                symlink(&elsewhere, dir).unwrap();
            },
            Origin::Compiled,
        ),
        (
            "a file where the directory should be",
            |dir| {
                fs::remove_dir_all(dir).unwrap();
                fs::write(dir, "").unwrap();
            },
            Origin::Compiled,
        ),
    ];
    for (case, spoil, afterwards) in cases {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("cache");
        let cache = Cache::at(&dir);
        assert_eq!(answer(&cache, &engine, 7).await.1, Origin::Compiled, "{case}");
        assert_eq!(answer(&cache, &engine, 7).await.1, Origin::Cached, "{case}");
        spoil(&dir);
        assert_eq!(answer(&cache, &engine, 7).await, (7, Origin::Compiled), "{case}");
        assert_eq!(answer(&cache, &engine, 7).await, (7, afterwards), "{case}: after it was compiled again");
    }
}

#[tokio::test]
async fn a_compiled_component_does_not_pass_for_another() {
    let (root, engine) = (tempfile::tempdir().unwrap(), Ours::start().unwrap());
    let cache = Cache::at(root.path().join("cache"));
    answer(&cache, &engine, 7).await;
    let seven = compiled(&root.path().join("cache"));
    let bytes = fs::read(&seven).unwrap();
    fs::remove_file(&seven).unwrap();
    answer(&cache, &engine, 8).await;
    fs::write(compiled(&root.path().join("cache")), bytes).unwrap();
    assert_eq!(answer(&cache, &engine, 8).await, (8, Origin::Compiled));
}

#[test]
fn a_directory_that_cannot_be_written_still_gives_a_component() {
    let engine = Ours::start().unwrap();
    let bytes = component(7);
    let (_, origin) = Cache::at("/dev/null/cache").compile(engine.wasm(), &bytes, "x").unwrap();
    assert_eq!(origin, Origin::Compiled);
    let (_, origin) = Cache::at("/proc/self").compile(engine.wasm(), &bytes, "x").unwrap();
    assert_eq!(origin, Origin::Compiled);
}

#[test]
fn the_oldest_files_go_and_the_key_stays() {
    let root = tempfile::tempdir().unwrap();
    let dir = Dir::open(&root.path().join("cache")).unwrap();
    dir.create(KEY_FILE, b"key").unwrap();
    for number in 0..40 {
        dir.replace(&format!("file-{number}"), b"x").unwrap();
    }
    dir.sweep(KEY_FILE).unwrap();
    assert_eq!(fs::read_dir(root.path().join("cache")).unwrap().count(), 33);
    assert_eq!(dir.read(KEY_FILE).unwrap(), b"key");
}
