//! The command `harness`. The library does the work; `main.rs` and `cli` are the only files that print.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
