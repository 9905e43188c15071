//! What counts instructions on this machine: valgrind, which is exact and slow; else `perf`, where the processor's counters
//! can be read, which in most virtual machines they cannot.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::chance::Chance;
use crate::launch::Launch;

/// What a program loads before its own libraries.
const PRELOAD: &str = "LD_PRELOAD";
/// The file that perf writes its count to; of valgrind's, each is named by a process.
const PERF_FILE: &str = "perf.csv";

/// A program that counts the instructions of another.
#[derive(Debug)]
pub struct Counter {
    tool: Tool,
    /// Takes the chance out of where things lie in memory; `None` where the system does not let it.
    layout: Option<PathBuf>,
    /// Takes it out of hash seeds; `None` where nothing compiles it.
    chance: Option<Chance>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Tool {
    Valgrind(PathBuf),
    Perf(PathBuf),
}

/// What a counter wrote of a launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Instructions of all its processes together.
    pub instructions: u64,
    /// How many processes that were, where the counter tells them apart.
    pub processes: usize,
}

impl Counter {
    /// What this machine has; `None` where nothing counts.
    pub fn find() -> Option<Counter> {
        let path = std::env::var_os("PATH")?;
        let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
        let found = Counter::find_in(&folders)?;
        Some(Counter { chance: Chance::frozen(), ..found })
    }

    fn find_in(folders: &[PathBuf]) -> Option<Counter> {
        let program = |name: &str| folders.iter().map(|folder| folder.join(name)).find(|program| program.is_file());
        let counts = |perf: &PathBuf| {
            let folder = tempfile::tempdir().ok();
            let counter = Counter { tool: Tool::Perf(perf.clone()), layout: None, chance: None };
            folder.is_some_and(|folder| {
                runs(&counter.around(&Launch::new("true", folder.path()), folder.path()))
                    && counter.read(folder.path()).is_some()
            })
        };
        let tool =
            program("valgrind").map(Tool::Valgrind).or_else(|| program("perf").filter(counts).map(Tool::Perf))?;
        // Containers often forbid it.
        let works = |setarch: &PathBuf| runs(&Launch::new(setarch, "/").args(["-R", "true"]));
        Some(Counter { tool, layout: program("setarch").filter(works), chance: None })
    }

    /// One that no launch is asked of.
    #[cfg(test)]
    pub fn fake() -> Counter {
        Counter { tool: Tool::Valgrind(PathBuf::new()), layout: None, chance: None }
    }

    /// Its name, as people and files know it.
    pub fn name(&self) -> &'static str {
        match self.tool {
            Tool::Valgrind(_) => "valgrind",
            Tool::Perf(_) => "perf",
        }
    }

    /// The launch under this counter, whose counts go to files in the folder.
    pub(super) fn around(&self, launch: &Launch, folder: &Path) -> Launch {
        let (program, options) = match &self.tool {
            Tool::Valgrind(valgrind) => {
                let mut log = std::ffi::OsString::from("--log-file=");
                log.push(folder.join("%p"));
                let options = ["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"];
                // Interpreters may be started by a script; processes that user code starts shall be seen.
                let options = options.map(Into::into).into_iter().chain(["--trace-children=yes".into(), log]);
                (valgrind, options.collect::<Vec<_>>())
            }
            Tool::Perf(perf) => {
                let options = ["stat", "-x", ",", "-e", "instructions:u", "-o"].map(Into::into).into_iter();
                let options = options.chain([folder.join(PERF_FILE).into_os_string(), "--".into()]);
                (perf, options.collect())
            }
        };
        let mut words = vec![program.clone().into_os_string()];
        words.extend(options);
        words.push(launch.program.clone().into_os_string());
        words.extend(launch.arguments.iter().cloned());
        if let Some(setarch) = &self.layout {
            words.splice(0..0, [setarch.clone().into_os_string(), "-R".into()]);
        }
        let launch = Launch { program: words.remove(0).into(), arguments: words, ..launch.clone() };
        match &self.chance {
            Some(chance) => {
                let others = launch.env.get(PRELOAD).cloned().unwrap_or_else(|| std::env::var_os(PRELOAD));
                let list = chance.before(others.as_deref());
                launch.env(PRELOAD, list)
            }
            None => launch,
        }
    }

    /// What the counter wrote to that folder; `None` where it counted nothing.
    pub(super) fn read(&self, folder: &Path) -> Option<Tally> {
        match self.tool {
            Tool::Valgrind(_) => {
                let files = fs::read_dir(folder).into_iter().flatten().flatten();
                // A program that writes its own bytes into a log is no reason to lose the count.
                let texts = files.filter_map(|file| fs::read(file.path()).ok());
                let counts: Vec<u64> = texts.flat_map(|text| of_valgrind(&String::from_utf8_lossy(&text))).collect();
                let all = Tally { instructions: counts.iter().sum(), processes: counts.len() };
                Some(all).filter(|all| all.instructions > 0)
            }
            Tool::Perf(_) => of_perf(&fs::read_to_string(folder.join(PERF_FILE)).unwrap_or_default()),
        }
    }
}

/// Whether a probe of a moment ends well.
fn runs(probe: &Launch) -> bool {
    let ended = Command::new(&probe.program).args(&probe.arguments).stdin(Stdio::null()).output();
    ended.is_ok_and(|output| output.status.success())
}

/// The counts in what valgrind writes, one a process, such as `==7== I   refs:      207,603,296`; older and newer versions
/// differ in blanks.
fn of_valgrind(text: &str) -> Vec<u64> {
    let count = |line: &str| {
        let (before, digits) = line.strip_prefix("==")?.split_once("refs:")?;
        let is_instructions = before.trim_end().ends_with("== I");
        let digits: String = digits.chars().filter(|character| *character != ',').collect();
        digits.trim().parse().ok().filter(|_| is_instructions)
    };
    text.lines().filter_map(count).collect()
}

/// The count in perf's comma-separated file; of processors with cores of two kinds there is a line for each.
fn of_perf(text: &str) -> Option<Tally> {
    let lines = text.lines().filter(|line| line.contains("instructions"));
    let counts: Vec<Option<u64>> = lines.map(|line| line.split(',').next()?.parse().ok()).collect();
    // A kind of core that the process never ran on is `<not counted>`.
    let instructions = counts.iter().flatten().sum();
    Some(Tally { instructions, processes: 1 }).filter(|all| all.instructions > 0)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_counts_of_valgrind_are_read_from_either_form() {
        assert_eq!(of_valgrind("hello\n==7== \n==7== I   refs:      207,603,296\n"), [207_603_296]);
        assert_eq!(of_valgrind("==123== I refs:        1,234"), [1234]);
        assert_eq!(of_valgrind("==7== I refs: 5\n==8== I refs: 6"), [5, 6]);
        for other in ["==123== D refs:        1,234", "refs: 12", "==1== I refs: many", ""] {
            assert_eq!(of_valgrind(other), Vec::<u64>::new());
        }
    }

    #[test]
    fn what_perf_cannot_count_is_no_count() {
        let count = |instructions| Some(Tally { instructions, processes: 1 });
        assert_eq!(of_perf("# started\n\n1234,,instructions:u,500,100.00,,\n"), count(1234));
        let two_kinds = "1000,,cpu_core/instructions:u/,5,90.0,,\n<not counted>,,cpu_atom/instructions:u/,0,0.0,,\n";
        assert_eq!(of_perf(two_kinds), count(1000));
        assert_eq!(of_perf("<not supported>,,instructions:u,0,100.00,,\n"), None);
        assert_eq!(of_perf(""), None);
    }

    /// A folder with a program `perf` that says so many instructions, whatever it runs.
    fn machine(perf: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("perf");
        let script = format!("#!/bin/sh\necho '{perf},,instructions:u,1,100.00,,' > \"$7\"\nshift 8\nexec \"$@\"\n");
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        folder
    }

    #[test]
    fn perf_counts_where_it_has_counters_and_is_passed_over_where_not() {
        let counts = machine("4711");
        let counter = Counter::find_in(&[counts.path().to_owned()]).unwrap();
        assert_eq!(counter.name(), "perf");
        let folder = tempfile::tempdir().unwrap();
        let launch = Launch::new("sh", folder.path()).args(["-c", "echo said"]);
        let said = Tally { instructions: 4711, processes: 1 };
        let counted = counter.around(&launch, folder.path());
        let output = Command::new(&counted.program).args(&counted.arguments).output().unwrap();
        assert_eq!((output.stdout.as_slice(), counter.read(folder.path())), (&b"said\n"[..], Some(said)));

        let has_none = machine("<not supported>");
        assert!(Counter::find_in(&[has_none.path().to_owned()]).is_none());
        assert!(Counter::find_in(&[]).is_none());
    }

    #[test]
    fn the_processes_of_a_launch_are_added_up() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Counter::fake().read(folder.path()), None);
        fs::write(folder.path().join("7"), "==7== Command: x\n==8== I   refs:      5\n==7== I   refs:      1,000\n")
            .unwrap();
        fs::write(folder.path().join("9"), "==9== I   refs:      30\n").unwrap();
        assert_eq!(Counter::fake().read(folder.path()), Some(Tally { instructions: 1035, processes: 3 }));
    }

    #[test]
    fn valgrind_is_asked_first_and_told_where_to_write() {
        let folder = machine("4711");
        fs::write(folder.path().join("valgrind"), "").unwrap();
        let counter = Counter::find_in(&[folder.path().to_owned()]).unwrap();
        assert_eq!(counter.name(), "valgrind");
        let launch = counter.around(&Launch::new("/bin/worker", "/").args(["-", "x"]), Path::new("/logs"));
        assert_eq!(launch.program, folder.path().join("valgrind"));
        let words: Vec<&str> = launch.arguments.iter().filter_map(|word| word.to_str()).collect();
        assert!(words.contains(&"--log-file=/logs/%p") && words.ends_with(&["/bin/worker", "-", "x"]), "{words:?}");
    }
}
