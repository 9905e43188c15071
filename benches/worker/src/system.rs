//! What the standard library does not reach: the process CPU clock, descriptors put in place of others, and the
//! kernel's account of this process's memory. Where the platform has none of it, the answer is `None`.

#![allow(unsafe_code, reason = "four C functions, each behind a safe function that says why the call is sound")]

use std::fs::{self, File};
use std::io;

/// The two ends of the conversation, out of reach of the workload's own reading and printing.
pub(crate) struct Channel {
    /// The job and further steps.
    pub(crate) steps: File,
    /// The answers.
    pub(crate) answers: File,
}

/// Keeps standard input and output for the protocol, then points standard output at standard error and standard
/// input at the null device: a workload may print and read freely.
#[cfg(unix)]
pub(crate) fn private_channel() -> io::Result<Channel> {
    use std::os::fd::{AsFd, AsRawFd};

    unsafe extern "C" {
        fn dup2(source: i32, target: i32) -> i32;
    }
    let replace = |target: i32, source: i32| {
        // SAFETY: `dup2` only reads two integers. The descriptors it replaces are the standard ones, which std never
        // closes, so that no owner is left with a descriptor that is another's.
        if unsafe { dup2(source, target) } < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    };

    let steps = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let answers = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    let null = File::open("/dev/null")?;
    replace(io::stdin().as_raw_fd(), null.as_raw_fd())?;
    replace(io::stdout().as_raw_fd(), io::stderr().as_raw_fd())?;
    Ok(Channel { steps, answers })
}

/// Here the standard streams cannot be moved: the worker says so rather than mix its answers with a workload's output.
#[cfg(not(unix))]
pub(crate) fn private_channel() -> io::Result<Channel> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "a Rust worker needs a Unix system"))
}

/// CPU time of the whole process, all threads, in ns.
pub(crate) fn cpu_ns() -> Option<u64> {
    clock_ns(if cfg!(target_os = "linux") { 2 } else { 12 })
}

/// CPU time of this thread, in ns.
pub(crate) fn thread_cpu_ns() -> Option<u64> {
    clock_ns(if cfg!(target_os = "linux") { 3 } else { 16 })
}

/// The clock of that number: `CLOCK_PROCESS_CPUTIME_ID`, `CLOCK_THREAD_CPUTIME_ID`.
#[cfg(all(any(target_os = "linux", target_os = "macos"), target_pointer_width = "64"))]
fn clock_ns(clock: i32) -> Option<u64> {
    #[repr(C)]
    struct Timespec {
        seconds: i64,
        nanoseconds: i64,
    }
    unsafe extern "C" {
        fn clock_gettime(clock: i32, time: *mut Timespec) -> i32;
    }

    let mut time = Timespec { seconds: 0, nanoseconds: 0 };
    // SAFETY: `time` has the layout of `struct timespec` on 64-bit Linux and macOS (two 64-bit integers), is writable,
    // and outlives the call.
    let status = unsafe { clock_gettime(clock, &raw mut time) };
    if status != 0 {
        return None;
    }
    let seconds = u64::try_from(time.seconds).ok()?;
    Some(seconds * 1_000_000_000 + u64::try_from(time.nanoseconds).ok()?)
}

#[cfg(not(all(any(target_os = "linux", target_os = "macos"), target_pointer_width = "64")))]
fn clock_ns(_clock: i32) -> Option<u64> {
    None
}

/// Whether this thread has started processes that are still there.
pub(crate) fn has_children() -> bool {
    fs::read("/proc/thread-self/children").is_ok_and(|list| !list.is_empty())
}

/// Gives free heap pages back, so that the next call has to take its own.
pub(crate) fn trim_heap() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        unsafe extern "C" {
            fn malloc_trim(keep: usize) -> i32;
        }
        // SAFETY: `malloc_trim` takes an integer and touches free blocks only; it is safe in every thread.
        unsafe { malloc_trim(0) };
    }
}

/// Resident memory of this process, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Memory {
    /// Now.
    pub(crate) resident_bytes: u64,
    /// The most since the mark was reset.
    pub(crate) peak_bytes: u64,
}

/// Sets the high-water mark back to what is resident now; false where the kernel keeps none.
pub(crate) fn reset_peak() -> bool {
    fs::write("/proc/self/clear_refs", "5").is_ok()
}

/// What the kernel accounts to this process.
pub(crate) fn memory() -> Option<Memory> {
    parse_status(&fs::read_to_string("/proc/self/status").ok()?)
}

/// What this process has read so far, by system calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reads {
    /// System calls.
    pub(crate) calls: u64,
    /// Bytes that they brought.
    pub(crate) bytes: u64,
}

/// What the kernel accounts to this process.
pub(crate) fn reads() -> Option<Reads> {
    parse_reads(&fs::read_to_string("/proc/self/io").ok()?)
}

fn parse_reads(account: &str) -> Option<Reads> {
    let field = |name: &str| account.lines().find_map(|line| line.strip_prefix(name))?.trim().parse().ok();
    Some(Reads { calls: field("syscr:")?, bytes: field("rchar:")? })
}

fn parse_status(status: &str) -> Option<Memory> {
    let bytes = |name: &str| -> Option<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        let kibibytes: u64 = line.strip_prefix(':')?.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kibibytes * 1024)
    };
    Some(Memory { resident_bytes: bytes("VmRSS")?, peak_bytes: bytes("VmHWM")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_file_counts_in_kibibytes() {
        let status = "Name:\tsuite\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n";
        assert_eq!(parse_status(status), Some(Memory { resident_bytes: 1024 * 1024, peak_bytes: 2 * 1024 * 1024 }));
        assert_eq!(parse_status("Name:\tsuite\n"), None);
    }

    #[test]
    fn the_account_of_reads_has_calls_and_bytes() {
        let account = "rchar: 4096\nwchar: 1\nsyscr: 3\nsyscw: 1\nread_bytes: 0\n";
        assert_eq!(parse_reads(account), Some(Reads { calls: 3, bytes: 4096 }));
        assert_eq!(parse_reads("rchar: 4096\n"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_cpu_clock_does_not_run_backwards() {
        let before = cpu_ns().unwrap();
        assert!(before <= cpu_ns().unwrap());
    }
}
