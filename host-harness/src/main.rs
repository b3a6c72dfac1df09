//! The command `harness`. The library does the work; `main.rs` and `cli` are the only files that print.

mod cli;

fn main() -> std::process::ExitCode {
    // Reads FAILPOINTS from the environment; what is shipped is built without it.
    #[cfg(feature = "failpoints")]
    let _failpoints = fail::FailScenario::setup();
    cli::main()
}
