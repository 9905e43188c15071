//! A project in a temporary folder, and what a person would see of the tool there.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value as Json;
use tempfile::TempDir;

/// Long enough for any step on a busy machine: only a hang takes so long.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Marks every process that descends from a project's tool, whatever session or group it has fled to.
const MARK: &str = "RUSTWORTHY_TEST_PROJECT";

/// What the workloads of most tests share.
const WORK: &str = "
def numbers(size, seed):
    return (list(range(size)),)

def total(values):
    return sum(values)
";

/// A project with its own cache and temporary folder.
pub struct Project {
    folder: TempDir,
}

/// What a command of the tool did.
pub struct Said {
    pub code: Option<i32>,
    pub signal: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Project {
    /// A folder without a manifest.
    pub fn empty() -> Project {
        let folder = tempfile::tempdir().unwrap();
        for name in ["project", "cache", "tmp"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        Project { folder }
    }

    /// A project whose manifest has these lines under `[project]` and these workloads; `code` is its module `work`.
    pub fn with(settings: &str, workloads: &str, code: &str) -> Project {
        let project = Project::empty();
        let settings = format!("[project]\nname = \"acme\"\npython-path = [\".\"]\n{settings}\n");
        project.write("rustworthy.toml", &format!("{settings}\n{workloads}"));
        project.write("work.py", &format!("{WORK}\n{code}"));
        project
    }

    /// A project with the interpreter of these tests.
    pub fn new(workloads: &str, code: &str) -> Project {
        Project::with(&format!("python = {:?}", python()), workloads, code)
    }

    /// A project with one workload, `total` of ten numbers, whose candidates are callables of `code` by these names.
    pub fn candidates(settings: &str, candidates: &[&str], code: &str) -> Project {
        Project::new(&workload("total", settings, "total", candidates), code)
    }

    /// Its folder.
    pub fn root(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    /// A file of the project.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    /// Writes a file of the project.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The tool with these arguments, in the project's folder.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("rustworthy"));
        command.args(arguments);
        self.settle(&mut command);
        command
    }

    /// Cuts a command off from the machine's own settings.
    pub fn settle(&self, command: &mut Command) {
        let settings = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        for name in settings.filter(|name| name.starts_with("PIP_") || name.starts_with("PYTHON")) {
            command.env_remove(name);
        }
        command
            .current_dir(self.root())
            .env_remove("VIRTUAL_ENV")
            .env_remove("NO_COLOR")
            .env_remove("COLUMNS")
            .env("XDG_CACHE_HOME", self.folder.path().join("cache"))
            .env("TMPDIR", self.folder.path().join("tmp"))
            .env(MARK, self.folder.path());
    }

    /// Runs the tool to its end.
    pub fn tool(&self, arguments: &[&str]) -> Said {
        self.finish(&mut self.command(arguments))
    }

    /// Runs a command to its end.
    pub fn finish(&self, command: &mut Command) -> Said {
        self.start(command).wait()
    }

    /// Starts a command.
    pub fn start(&self, command: &mut Command) -> Running {
        let output = tempfile::tempdir().unwrap();
        let file = |name| fs::File::create(output.path().join(name)).unwrap();
        command.stdin(Stdio::null()).stdout(file("stdout")).stderr(file("stderr"));
        Running { child: command.spawn().unwrap(), output }
    }

    /// A short run; two rounds unless the arguments say otherwise.
    pub fn run(&self, arguments: &[&str]) -> Said {
        let rounds: &[&str] = if arguments.contains(&"--rounds") { &[] } else { &["--rounds", "2"] };
        self.tool(&[&["run", "--quick"], rounds, arguments].concat())
    }

    /// The saved run that `latest` points at.
    pub fn saved(&self) -> Json {
        read_json(&self.path("reports/latest/run.json"))
    }

    /// The folder of the only run.
    pub fn run_folder(&self) -> PathBuf {
        let entries = fs::read_dir(self.path("reports")).unwrap().map(|entry| entry.unwrap());
        let folders: Vec<PathBuf> =
            entries.filter(|entry| entry.file_type().unwrap().is_dir()).map(|entry| entry.path()).collect();
        assert_eq!(folders.len(), 1, "{folders:?}");
        folders[0].clone()
    }

    /// Processes that the project's tools started and that are still alive.
    pub fn alive(&self) -> Vec<String> {
        let mark = format!("{MARK}={}", self.folder.path().display());
        let processes = fs::read_dir("/proc").unwrap().filter_map(|entry| Some(entry.ok()?.path()));
        let ours = processes.filter(|process| {
            let environment = fs::read(process.join("environ")).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes())
        });
        ours.map(|process| {
            let line = fs::read(process.join("cmdline")).unwrap_or_default();
            format!("{}: {}", process.display(), String::from_utf8_lossy(&line).replace('\0', " "))
        })
        .collect()
    }

    /// Asserts that nothing is left of the tool's work: no process, no temporary file.
    pub fn assert_tidy(&self) {
        assert_eq!(self.alive(), Vec::<String>::new());
        let left: Vec<_> = fs::read_dir(self.folder.path().join("tmp")).unwrap().map(|entry| entry.unwrap()).collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

/// A command under way; killed when it is given up.
pub struct Running {
    child: Child,
    output: TempDir,
}

impl Running {
    /// Sends it a signal by name, such as `INT`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for a file that somebody else writes.
    pub fn until_exists(&mut self, path: &Path) {
        let deadline = Instant::now() + PATIENCE;
        while !path.exists() {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "it ended before {}: {}", path.display(), self.said(ended.unwrap()).all());
            assert!(Instant::now() < deadline, "{} does not come", path.display());
            breathe();
        }
    }

    /// Waits for its end.
    pub fn wait(mut self) -> Said {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return self.said(status);
            }
            assert!(Instant::now() < deadline, "the tool hangs");
            breathe();
        }
    }

    fn said(&self, status: ExitStatus) -> Said {
        let read = |name| String::from_utf8_lossy(&fs::read(self.output.path().join(name)).unwrap()).into_owned();
        Said { code: status.code(), signal: status.signal(), stdout: read("stdout"), stderr: read("stderr") }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended long ago.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The pause between two looks at a process or file that announces nothing.
fn breathe() {
    std::thread::sleep(Duration::from_millis(10));
}

/// Looks until it is so.
pub fn until(mut is_so: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        if Instant::now() > deadline {
            return false;
        }
        breathe();
    }
    true
}

impl Said {
    /// Asserts the exit code, showing everything where it is another.
    #[track_caller]
    pub fn exits(self, code: i32) -> Said {
        assert_eq!(self.code, Some(code), "{}", self.all());
        self
    }

    /// Asserts that standard error says so.
    #[track_caller]
    pub fn complains(self, part: &str) -> Said {
        assert!(self.stderr.contains(part), "no {part:?} in {}", self.all());
        self
    }

    /// Asserts that standard output says so.
    #[track_caller]
    pub fn tells(self, part: &str) -> Said {
        assert!(self.stdout.contains(part), "no {part:?} in {}", self.all());
        self
    }

    /// Standard output as the one JSON document that it is.
    #[track_caller]
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in {}", self.all()))
    }

    /// Everything, for messages of tests.
    pub fn all(&self) -> String {
        let Said { code, signal, stdout, stderr } = self;
        format!("code {code:?}, signal {signal:?}\nstdout:\n{stdout}\nstderr:\n{stderr}")
    }
}

/// The manifest of one workload on ten numbers; baseline and candidates are callables of the module `work`.
pub fn workload(name: &str, settings: &str, baseline: &str, candidates: &[&str]) -> String {
    let sizes = if settings.contains("sizes") { "" } else { "sizes = [10]" };
    let input = if settings.contains("input =") { "" } else { "input = \"work:numbers\"" };
    let mut text = format!("[workload.{name}]\n{input}\n{sizes}\n{settings}\n");
    text += &format!("[workload.{name}.baseline]\npython = \"work:{baseline}\"\n");
    for candidate in candidates {
        text += &format!("[workload.{name}.candidate.{candidate}]\nkind = \"python\"\npython = \"work:{candidate}\"\n");
    }
    text + "\n"
}

/// The cell of an implementation in a saved run, at its first size.
#[track_caller]
pub fn cell<'a>(run: &'a Json, workload: &str, implementation: &str) -> &'a Json {
    named(&named(&run["workloads"], workload)["sizes"][0]["implementations"], implementation)
}

#[track_caller]
fn named<'a>(list: &'a Json, name: &str) -> &'a Json {
    let found = list.as_array().unwrap().iter().find(|item| item["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {list:#}"))
}

/// A JSON file.
pub fn read_json(path: &Path) -> Json {
    let text = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap()
}

/// The interpreter behind the `python3` on `PATH`, which may be a shell script.
pub fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let output = Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output().unwrap();
        PathBuf::from(String::from_utf8(output.stdout).unwrap().trim())
    })
}

/// What differs between machines and runs, for snapshots.
pub fn filters(project: &Project) -> Vec<(String, &'static str)> {
    let escape = |path: &Path| path.display().to_string().replace('.', "\\.");
    let root = project.root().canonicalize().unwrap();
    vec![
        (escape(&root), "[project]"),
        (escape(&project.root()), "[project]"),
        (escape(python()), "[python]"),
        (r"Python \d+\.\d+\.\S+".to_owned(), "Python [version]"),
        (r"\d{8}T\d{6}Z-[0-9a-f]{4}".to_owned(), "[run]"),
    ]
}

/// Compares text with a snapshot, without what differs between machines and runs.
#[macro_export]
macro_rules! assert_said {
    ($project:expr, $name:literal, $text:expr) => {
        let filters = $crate::project::filters(&$project);
        let filters: Vec<(&str, &str)> = filters.iter().map(|(from, to)| (from.as_str(), *to)).collect();
        insta::with_settings!({filters => filters}, {
            insta::assert_snapshot!($name, $text);
        });
    };
}
