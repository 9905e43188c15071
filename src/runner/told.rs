//! What a Rust bench, or the program that shows its result, is told of its input: variables, as its worker is told them
//! in a job.

use rustworthy_worker::protocol::{Encoding, InputSource};

use crate::launch::Launch;

/// The launch with the variables of this input. `None`: it has no canonical form that Rust could read.
pub fn told(launch: Launch, size: u64, seed: u64, source: Option<&InputSource>) -> Option<Launch> {
    let launch = launch.env("RUSTWORTHY_SIZE", size.to_string()).env("RUSTWORTHY_SEED", seed.to_string());
    match source {
        Some(InputSource::File { path, encoding }) => {
            let encoding = match encoding {
                Encoding::Tagged => "tagged",
                Encoding::Text => "text",
                Encoding::Bytes => "bytes",
            };
            Some(launch.env("RUSTWORTHY_INPUT", path).env("RUSTWORTHY_INPUT_ENCODING", encoding))
        }
        Some(InputSource::Callable { .. }) => None,
        None => Some(launch),
    }
}
