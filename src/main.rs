//! The `rustworthy` command.

use rustworthy::cli::{self, ExitStatus};

fn main() -> ExitStatus {
    cli::main(std::env::args_os().collect())
}
