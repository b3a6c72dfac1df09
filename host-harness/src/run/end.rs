//! What an error means that ended a call: whose it is, and what a person is told.

use super::{End, RunState};
use crate::outcome::{Limited, Unlawful, Verdict};
use wasmtime::WasmBacktrace;

/// Functions that the message of a trap names.
const FRAMES_MAX: usize = 16;

/// How functions of the runtime library begin.
const RUNTIME: [&str; 8] = ["abort", "std[", "core[", "alloc[", "__rustc[", "std::", "core::", "alloc::"];

/// The host's own failure inside an import; ends the run as an error and not as the connector's outcome.
#[derive(Debug, thiserror::Error)]
#[error("{0:#}")]
pub struct HostFailure(pub anyhow::Error);

/// Sorts an error by who did what.
pub fn sort(error: wasmtime::Error, state: &RunState) -> End {
    let error = match error.downcast::<HostFailure>() {
        Ok(HostFailure(error)) => return End::Host(error),
        Err(error) => error,
    };
    let error = match error.downcast::<Limited>() {
        Ok(limited) => return limited.into(),
        Err(error) => error,
    };
    let error = match error.downcast::<Unlawful>() {
        Ok(unlawful) => return unlawful.into(),
        Err(error) => error,
    };
    let message = trap(&error, state.log.last_error());
    // wasmtime has no type for this one.
    if message.contains("fuel allocated for hostcalls") {
        let message = "the connector handed over more in one call than the host sets aside for it".into();
        return Limited { limit: "call_bytes_max", message }.into();
    }
    match state.memory.refused {
        // A runtime that gets no memory gives up by a trap that says nothing of memory.
        Some(limit) => {
            Limited { limit, message: format!("the connector was refused more, and gave up: {message}") }.into()
        }
        None => End::Guest(Verdict::Trapped(message)),
    }
}

/// The cause, what the connector said last, and the functions it was in, innermost first.
fn trap(error: &wasmtime::Error, said: Option<&str>) -> String {
    let cause = error.root_cause().to_string();
    let said = said.map(|said| format!("; it said last: {said}")).unwrap_or_default();
    let backtrace = error.downcast_ref::<WasmBacktrace>().map(ToString::to_string).unwrap_or_default();
    let within = match functions(&backtrace) {
        functions if functions.is_empty() => String::new(),
        functions => format!("; in {}", functions.join(" < ")),
    };
    format!("{}{said}{within}", cause.trim_start_matches("wasm trap: "))
}

/// The functions of a backtrace as wasmtime writes it, `file!name` at the end of a line.
///
/// Those of the runtime library, such as a panic's own, say nothing; one that calls itself is named once.
fn functions(backtrace: &str) -> Vec<&str> {
    let names = backtrace.lines().filter_map(|line| Some(line.split_once('!')?.1.trim()));
    let names = names.filter(|name| !RUNTIME.iter().any(|runtime| name.starts_with(runtime)));
    let mut names: Vec<_> = names.map(without_hash).collect();
    names.dedup();
    names.truncate(FRAMES_MAX);
    names
}

/// Takes off the hash that Rust's older names end in.
fn without_hash(name: &str) -> &str {
    match name.rsplit_once("::h") {
        Some((rest, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => rest,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trap_names_the_functions_that_mean_something() {
        let backtrace = "error while executing at wasm backtrace:
            0:  0x16bf9 - a.wasm!abort
            1:  0x138eb - a.wasm!std[d123b7a1a2ed1472]::process::abort
            2:  0x138e1 - a.wasm!__rustc[b7974e8690430dd9]::rust_panic
            3:  0x10000 - a.wasm!core::ops::function::FnOnce::call_once::h1c57d836bc816ac2
            4:   0xd45e - a.wasm!hosts::read::h3269a36ea5f46cde
            5:   0xd45e - a.wasm!hosts::read::h3269a36ea5f46cde
            6:   0xd45e - a.wasm!hosts::halt
            7:   0xf210 - a.wasm!connector:contract/sync@0.1.0#run";
        assert_eq!(functions(backtrace), ["hosts::read", "hosts::halt", "connector:contract/sync@0.1.0#run"]);
    }
}
