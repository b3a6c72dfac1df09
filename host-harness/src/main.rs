//! The command `harness`. The library does the work; `main.rs` and `cli` are the only files that print.

mod cli;

/// A batch is thousands of small texts; with this allocator a sync takes some seven per cent less CPU time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    // Reads FAILPOINTS from the environment; what is shipped is built without it.
    #[cfg(feature = "failpoints")]
    let _failpoints = fail::FailScenario::setup();
    cli::main()
}
