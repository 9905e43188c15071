//! Both sides of a comparison, made of real repositories: what is checked out, and that nothing of the person's is touched.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

use rustworthy::manifest::{self, Project};
use rustworthy::prepare::{Cache, PythonHome, Side, SideError, SideFault, Sides, build, find_interpreter, sides};
use rustworthy::progress::Silent;
use tempfile::TempDir;

const MANIFEST: &str = "[project]\nname = \"acme\"\n[workload.w.baseline]\npython = \"work:total\"\n\
                        [workload.w.candidate.again]\nkind = \"python\"\npython = \"work:again\"\n";

/// Launches of the library go through the tool's own binary.
fn set_up() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let settings = [("RUSTWORTHY_SHIM", env!("CARGO_BIN_EXE_rustworthy")), ("GIT_CONFIG_GLOBAL", "/dev/null")];
        for (name, value) in settings {
            #[expect(unsafe_code, reason = "the library takes these from the process")]
            // SAFETY: every test comes through here before it does anything else, and the others wait meanwhile.
            unsafe {
                std::env::set_var(name, value);
            }
        }
        for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_TARGET_DIR"] {
            #[expect(unsafe_code, reason = "as above")]
            // SAFETY: as above.
            unsafe {
                std::env::remove_var(name);
            }
        }
    });
}

/// A repository with a commit on `main` and a branch that is checked out, and a cache.
struct Place {
    folder: TempDir,
}

impl Place {
    /// One with these files on `main`.
    fn with(files: &[(&str, &str)]) -> Place {
        set_up();
        let place = Place { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(place.top()).unwrap();
        place.git(&["init", "--quiet", "--initial-branch=main"]);
        for (name, text) in files {
            place.write(name, text);
        }
        place.commit("first");
        place.git(&["checkout", "--quiet", "-b", "work"]);
        place
    }

    /// One with a project at its top.
    fn new() -> Place {
        Place::with(&[
            ("rustworthy.toml", MANIFEST),
            ("work.py", "one = 1\n"),
            ("old.py", "\n"),
            (".gitignore", "*.pyc\n"),
        ])
    }

    fn top(&self) -> PathBuf {
        self.folder.path().join("repo sitory")
    }

    fn write(&self, name: impl AsRef<Path>, text: &str) {
        let path = self.top().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn git(&self, arguments: &[&str]) -> String {
        git(&self.top(), arguments)
    }

    fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    fn project(&self) -> Project {
        manifest::read(&self.top()).unwrap()
    }

    fn cache(&self) -> Cache {
        Cache::at(self.folder.path().join("cache")).unwrap()
    }

    fn sides(&self, against: &str) -> Sides {
        self.try_sides(against).unwrap_or_else(|error| panic!("{error}"))
    }

    fn try_sides(&self, against: &str) -> Result<Sides, SideError> {
        sides(&self.project(), against, &[], &self.cache(), &mut Silent)
    }

    /// Everything of the person's that a comparison must leave alone: every file with its content and time. Git may give an
    /// object that it meets again a new time, so that it is not tidied away: theirs is left out.
    fn everything(&self) -> BTreeMap<PathBuf, (Vec<u8>, i64, i64)> {
        let mut found = BTreeMap::new();
        let mut open = vec![self.top()];
        while let Some(path) = open.pop() {
            let data = path.symlink_metadata().unwrap();
            let content = if data.is_file() { fs::read(&path).unwrap() } else { Vec::new() };
            if data.is_dir() {
                open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            }
            let is_object = data.is_file() && path.starts_with(self.top().join(".git/objects"));
            let time = if is_object { (0, 0) } else { (data.mtime(), data.mtime_nsec()) };
            found.insert(path, (content, time.0, time.1));
        }
        found
    }
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let identity =
        ["-c", "user.name=somebody", "-c", "user.email=somebody@example.org", "-c", "protocol.file.allow=always"];
    let output = Command::new("git").args(identity).args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).unwrap()
}

fn paths(names: &[&str]) -> Vec<PathBuf> {
    names.iter().map(PathBuf::from).collect()
}

#[test]
fn the_head_is_the_working_tree_as_it_stands() {
    let place = Place::new();
    let base = place.git(&["rev-parse", "main"]);
    place.write("work.py", "one = 2\n");
    place.write("new file.py", "");
    place.write("ignored.pyc", "");
    place.write("staged.py", "staged\n");
    place.git(&["add", "staged.py"]);
    place.write("staged.py", "staged, and changed since\n");
    fs::remove_file(place.top().join("old.py")).unwrap();
    let odd = OsStr::from_bytes(b"line\nbreak \xff.txt");
    place.write(Path::new(odd), "odd");
    // Git's own look at the state of things is a change: it writes the times of files down.
    let status = place.git(&["status", "--porcelain"]);
    let before = place.everything();

    let sides = place.sides("main");

    let after = place.everything();
    let differs = |path: &&PathBuf| after.get(*path) != before.get(*path);
    let written: Vec<&PathBuf> = before.keys().chain(after.keys()).filter(differs).collect();
    assert!(written.is_empty(), "the repository is only read, but: {written:?}");
    assert_eq!(place.git(&["status", "--porcelain"]), status);
    let (head, old) = (&sides.head, sides.base.as_ref().unwrap());
    assert!(sides.dirty && sides.base_missing.is_none() && sides.warnings.is_empty(), "{sides:?}");
    assert_eq!((&sides.merge_base, &sides.head_commit, &old.commit), (&base, &base, &base));
    assert_eq!(read(head.root.join("work.py")), "one = 2\n");
    assert_eq!(read(head.root.join("staged.py")), "staged, and changed since\n");
    assert_eq!(read(head.root.join(odd)), "odd");
    assert!(head.root.join("new file.py").exists() && !head.root.join("old.py").exists());
    assert!(!head.root.join("ignored.pyc").exists());
    assert_eq!(read(old.root.join("work.py")), "one = 1\n");
    assert!(old.root.join("old.py").exists() && !old.root.join("staged.py").exists());
    let mut changed = paths(&["new file.py", "old.py", "staged.py", "work.py"]);
    changed.insert(0, odd.into());
    assert_eq!(sides.changed, changed);
    // Each is a repository of its own, at its commit, with nothing to commit.
    assert_eq!(git(&head.root, &["rev-parse", "HEAD"]), head.commit);
    assert_eq!(git(&head.root, &["rev-parse", "HEAD^"]), base);
    assert_eq!(git(&head.root, &["status", "--porcelain"]), "");
}

#[test]
fn a_clean_tree_is_its_own_commit() {
    let place = Place::new();
    let head = place.commit("nothing");
    let sides = place.sides("main");
    assert!(!sides.dirty && sides.changed.is_empty());
    assert_eq!((&sides.head.commit, &sides.head_commit), (&head, &head));
}

#[test]
fn the_base_is_where_the_histories_part() {
    let place = Place::new();
    let base = place.git(&["rev-parse", "main"]);
    place.write("work.py", "one = 3\n");
    place.commit("mine");
    place.git(&["checkout", "--quiet", "main"]);
    place.write("theirs.py", "");
    place.commit("theirs");
    place.git(&["checkout", "--quiet", "work"]);
    let sides = place.sides("main");
    assert_eq!(sides.merge_base, base);
    assert_eq!(sides.changed, paths(&["work.py"]));
}

#[test]
fn the_sides_are_apart_and_as_long_as_each_other() {
    let place = Place::new();
    let sides = place.sides("main");
    let (base, head) = (sides.base.as_ref().unwrap(), &sides.head);
    let (old, new) = (base.project.apart.as_ref().unwrap(), head.project.apart.as_ref().unwrap());
    for (one, other) in [
        (&base.root, &head.root),
        (&old.tree, &new.tree),
        (&old.target, &new.target),
        (&old.environments, &new.environments),
    ] {
        assert_ne!(one, other);
        assert_eq!(one.as_os_str().len(), other.as_os_str().len());
    }
    assert_eq!(base.project.root, base.root);
    assert_eq!(base.project.python, head.project.python);
    assert_eq!(base.project.reports, place.project().reports, "nothing is reported into a checkout");
}

#[test]
fn a_second_time_writes_no_file_again_and_names_the_same_commit() {
    let place = Place::new();
    place.write("work.py", "one = 2\n");
    let first = place.sides("main");
    let time = |sides: &Sides| {
        let root = &sides.head.root;
        ["work.py", "old.py"].map(|name| fs::metadata(root.join(name)).unwrap().modified().unwrap())
    };
    let (times, commit) = (time(&first), first.head.commit.clone());
    fs::write(first.head.root.join("left.py"), "by a build\n").unwrap();
    fs::write(first.head.root.join("kept.pyc"), "ignored\n").unwrap();
    drop(first);
    let second = place.sides("main");
    assert_eq!((time(&second), &second.head.commit), (times, &commit));
    assert!(!second.head.root.join("left.py").exists() && second.head.root.join("kept.pyc").exists());
    // Nor after the cache has been kept elsewhere meanwhile: then files have their old times, but are others to the system.
    let moved = second.head.root.join("old.py");
    fs::copy(&moved, moved.with_extension("copy")).unwrap();
    let times_of_moved = fs::metadata(&moved).unwrap().modified().unwrap();
    fs::rename(moved.with_extension("copy"), &moved).unwrap();
    fs::File::options().append(true).open(&moved).unwrap().set_modified(times_of_moved).unwrap();
    drop(second);
    assert_eq!(time(&place.sides("main")), times);
    // Another commit: what does not differ keeps its time, and nothing compiled from the other one is left.
    place.write("work.py", "one = 3\n");
    let third = place.sides("main");
    assert_eq!(read(third.head.root.join("work.py")), "one = 3\n");
    assert!(time(&third)[0] != times[0] && time(&third)[1] == times[1]);
    assert!(!third.head.root.join("kept.pyc").exists());
    // What somebody changed in the cache is put right.
    fs::write(third.head.root.join("work.py"), "one = 4\n").unwrap();
    drop(third);
    assert_eq!(read(place.sides("main").head.root.join("work.py")), "one = 3\n");
}

#[test]
fn a_project_in_a_folder_of_the_repository_is_found_there() {
    let place = Place::with(&[("bench dir/rustworthy.toml", MANIFEST), ("src/a.py", "")]);
    place.write("src/a.py", "a = 1\n");
    place.write("bench dir/b.py", "");
    let project = manifest::read(&place.top().join("bench dir")).unwrap();
    let sides = sides(&project, "main", &[], &place.cache(), &mut Silent).unwrap();
    assert!(sides.head.root.ends_with("head/tree/bench dir"), "{}", sides.head.root.display());
    assert_eq!(sides.changed, paths(&["b.py", "../src/a.py"]));
}

#[test]
fn a_worktree_of_a_bare_repository_will_do() {
    let place = Place::new();
    let bare = place.folder.path().join("bare.git");
    git(place.folder.path(), &["clone", "--quiet", "--bare", &place.top().display().to_string(), "bare.git"]);
    let tree = place.folder.path().join("checkout");
    git(&bare, &["worktree", "add", "--quiet", "--detach", &tree.display().to_string(), "main"]);
    fs::write(tree.join("work.py"), "one = 9\n").unwrap();
    let project = manifest::read(&tree).unwrap();
    let sides = sides(&project, "work", &[], &place.cache(), &mut Silent).unwrap();
    assert_eq!(sides.changed, paths(&["work.py"]));
    assert_eq!(git(&bare, &["worktree", "list"]).lines().count(), 2, "nothing is registered");
}

#[test]
fn what_tools_have_made_and_what_is_left_out_is_no_part_of_the_head() {
    let place = Place::new();
    for name in ["target/CACHEDIR.TAG", "target/deep/er/a.o", "venv/pyvenv.cfg", "venv/bin/x", "reports/1/run.json"] {
        place.write(name, "");
    }
    place.write("state/gate.json", "");
    let state = place.top().join("state/gate.json");
    let one = sides(&place.project(), "main", &[state], &place.cache(), &mut Silent).unwrap();
    assert!(!one.dirty && one.changed.is_empty(), "{:?}", one.changed);
    drop(one);
    // Nor is the cache, where it lies within the repository.
    let cache = || Cache::at(place.top().join("cache")).unwrap();
    for _ in 0..2 {
        let again = sides(&place.project(), "main", &[], &cache(), &mut Silent).unwrap();
        assert_eq!(again.changed, paths(&["state/gate.json"]));
    }
}

#[test]
fn files_that_git_was_told_not_to_look_at_are_looked_at() {
    let place = Place::new();
    place.git(&["update-index", "--assume-unchanged", "work.py"]);
    place.git(&["update-index", "--skip-worktree", "old.py"]);
    place.write("work.py", "one = 2\n");
    place.write("old.py", "new\n");
    assert_eq!(place.git(&["status", "--porcelain"]), "");
    assert_eq!(place.sides("main").changed, paths(&["old.py", "work.py"]));
}

#[test]
fn a_base_without_a_project_makes_everything_new() {
    // Another project of the same repository, which is still there, is no former place of this one.
    let place = Place::with(&[("work.py", ""), ("other/rustworthy.toml", MANIFEST)]);
    place.write("rustworthy.toml", MANIFEST);
    let sides = place.sides("main");
    assert!(sides.base.is_none() && sides.base_missing.as_ref().unwrap().contains("no rustworthy.toml"));
    assert_eq!(sides.base_moved, None);
}

#[test]
fn a_project_that_was_moved_is_told_with_where_it_was() {
    let place = Place::with(&[
        ("old/rustworthy.toml", MANIFEST),
        ("old/work.py", "one = 1\n"),
        ("other/rustworthy.toml", MANIFEST),
    ]);
    place.git(&["mv", "old", "new"]);
    let told = |folder: &str| {
        let project = manifest::read(&place.top().join(folder)).unwrap();
        let sides = sides(&project, "main", &[], &place.cache(), &mut Silent).unwrap();
        assert!(sides.base.is_none());
        (sides.base_moved.unwrap().display().to_string(), sides.base_missing.unwrap())
    };
    let (moved, reason) = told("new");
    assert_eq!(moved, "../old/rustworthy.toml");
    assert!(reason.contains("its rustworthy.toml in ../old"), "{reason}");
    place.git(&["mv", "new/rustworthy.toml", "rustworthy.toml"]);
    place.commit("to the top");
    assert_eq!(told(".").0, "old/rustworthy.toml");
    // One that is at its place has a base, whatever else goes.
    place.git(&["branch", "--force", "main"]);
    place.git(&["rm", "-r", "--quiet", "other"]);
    let sides = place.sides("main");
    assert!(sides.base.is_some() && sides.base_moved.is_none(), "{sides:?}");
}

#[test]
fn a_base_whose_manifest_cannot_be_used_is_no_base_without_a_project() {
    let place = Place::with(&[("rustworthy.toml", "[project]\nnaem = 1\n")]);
    place.write("rustworthy.toml", MANIFEST);
    let told = || {
        let error = place.try_sides("main").unwrap_err();
        assert_eq!(error.fault(), SideFault::CannotMeasure, "{error}");
        error.to_string()
    };
    let error = told();
    assert!(error.starts_with("the base of the comparison") && error.contains("did you mean `name`"), "{error}");
    assert!(error.contains("another version of the tool") && error.contains("--against"), "{error}");
    place.commit("mended");
    assert!(place.sides("HEAD").base.is_some(), "a later commit will do");
    // A link that leads nowhere is a manifest that cannot be read.
    let manifest = place.top().join("rustworthy.toml");
    fs::remove_file(&manifest).unwrap();
    symlink("absent.toml", &manifest).unwrap();
    place.commit("a link");
    place.git(&["branch", "--force", "main"]);
    fs::remove_file(&manifest).unwrap();
    place.write("rustworthy.toml", MANIFEST);
    let error = told();
    assert!(error.contains("cannot read"), "{error}");
}

#[test]
fn the_message_of_what_was_merged_counts_unless_the_other_branch_has_it() {
    let place = Place::new();
    let first = place.git(&["rev-parse", "main"]);
    let mine = place.commit("mine");
    let commits = |against: &str| {
        let messages = place.sides(against).head_messages;
        messages.into_iter().map(|(commit, _)| commit).collect::<Vec<_>>()
    };
    // A pull request as it is often checked out: its merge into the branch that it is for.
    place.git(&["checkout", "--quiet", "--detach", "main"]);
    place.git(&["merge", "--quiet", "--no-ff", "--message=of a pull request", "work"]);
    let merge = place.git(&["rev-parse", "HEAD"]);
    assert_eq!(commits("main"), [merge, mine]);
    // The other way round, by somebody who follows the branch.
    place.git(&["checkout", "--quiet", "main"]);
    let theirs = place.commit("theirs");
    place.git(&["checkout", "--quiet", "work"]);
    place.git(&["merge", "--quiet", "--no-ff", "--message=to follow main", "main"]);
    let merge = place.git(&["rev-parse", "HEAD"]);
    assert_eq!(commits("main"), [merge.as_str()]);
    assert_eq!(
        commits(&first),
        [merge.as_str(), theirs.as_str()],
        "held against an older commit, it is part of the change"
    );
    place.git(&["checkout", "--quiet", "main"]);
    place.commit("theirs, and later");
    place.git(&["checkout", "--quiet", "work"]);
    assert_eq!(commits("main"), [merge.as_str()]);
}

#[test]
fn a_head_that_git_ignores_is_told() {
    let place = Place::with(&[("work.py", ""), (".gitignore", "rustworthy.toml\n")]);
    place.write("rustworthy.toml", MANIFEST);
    let error = place.try_sides("main").unwrap_err();
    assert_eq!(error.fault(), SideFault::Usage);
    assert!(error.to_string().contains("ignores"), "{error}");
}

#[test]
fn a_commit_that_is_not_there_is_told_with_near_names() {
    let place = Place::new();
    let told = |against: &str| {
        let error = place.try_sides(against).unwrap_err();
        assert_eq!(error.fault(), SideFault::Usage, "{error}");
        error.to_string()
    };
    assert!(told("mian").contains("did you mean `main`?"));
    assert!(told("zzz").contains("there are: main, work"));
    assert!(told("--output=x").contains("begins with a dash"));
    assert!(told("").contains("empty"));
    place.git(&["update-ref", "refs/remotes/origin/release", "main"]);
    assert!(told("release").contains("did you mean `origin/release`?"));
    place.git(&["checkout", "--quiet", "--orphan", "other"]);
    place.commit("another root");
    assert!(told("main").contains("no commit in common"));
}

#[test]
fn a_folder_without_a_repository_or_commit_is_told() {
    let place = Place::new();
    let outside = place.folder.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("rustworthy.toml"), MANIFEST).unwrap();
    let project = manifest::read(&outside).unwrap();
    let error = sides(&project, "main", &[], &place.cache(), &mut Silent).unwrap_err();
    assert!(matches!(error, SideError::NoRepository { .. }), "{error}");
    git(&outside, &["init", "--quiet"]);
    let error = sides(&project, "main", &[], &place.cache(), &mut Silent).unwrap_err();
    assert!(matches!(error, SideError::NoCommit { .. }), "{error}");
}

#[test]
fn a_shallow_clone_without_the_base_is_told_how_to_fetch_it() {
    let place = Place::new();
    place.commit("second");
    place.git(&["branch", "--force", "main"]);
    place.write("work.py", "one = 5\n");
    place.commit("third");
    place.git(&["checkout", "--quiet", "main"]);
    place.commit("beside it");
    let url = format!("file://{}", place.top().display());
    let clone = place.folder.path().join("clone");
    git(place.folder.path(), &["clone", "--quiet", "--depth=1", "--no-single-branch", "--branch=work", &url, "clone"]);
    let project = manifest::read(&clone).unwrap();
    let of = |against: &str| sides(&project, against, &[], &place.cache(), &mut Silent);
    let error = of("origin/main").unwrap_err();
    assert_eq!(error.fault(), SideFault::CannotMeasure);
    assert!(error.to_string().contains("--unshallow") && error.to_string().contains("fetch-depth: 0"), "{error}");
    let error = of("origin/absent").unwrap_err().to_string();
    assert!(error.contains("shallow") && error.contains("origin absent"), "{error}");
    git(&clone, &["fetch", "--quiet", "--unshallow"]);
    assert_eq!(of("origin/main").unwrap().changed, paths(&["work.py"]));
}

#[test]
fn a_clone_without_files_fetches_those_of_the_base() {
    let place = Place::new();
    place.write("work.py", "one = 5\n");
    place.commit("second");
    place.git(&["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", place.top().display());
    git(place.folder.path(), &["clone", "--quiet", "--filter=blob:none", "--branch=work", &url, "clone"]);
    let project = manifest::read(&place.folder.path().join("clone")).unwrap();
    let sides = sides(&project, "origin/main", &[], &place.cache(), &mut Silent).unwrap();
    assert_eq!(read(sides.base.unwrap().root.join("work.py")), "one = 1\n");
}

#[test]
fn submodules_and_pointers_of_lfs_are_told() {
    let place = Place::new();
    let url = format!("file://{}", place.top().display());
    place.git(&["submodule", "--quiet", "add", &url, "vendor"]);
    place.write(".gitattributes", "*.bin filter=lfs\n");
    place.write("data.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n");
    place.write("text.bin", "not a pointer\n");
    let warnings: Vec<String> =
        place.sides("main").warnings.iter().map(|warning| format!("{}: {}", warning.code, warning.text)).collect();
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[0].starts_with("submodules: ") && warnings[0].contains("vendor"), "{warnings:?}");
    assert!(warnings[1].starts_with("lfs: ") && warnings[1].ends_with(": data.bin."), "{warnings:?}");
}

#[test]
fn settings_of_a_git_that_calls_us_do_not_lead_astray() {
    // A hook of git's has the index and folder of its repository in its variables; filters and hooks are a person's own.
    let place = Place::new();
    place.write(".git/hooks/post-checkout", "#!/bin/sh\ntouch ran\n");
    place.write(".git/hooks/reference-transaction", "#!/bin/sh\nexit 1\n");
    for hook in ["post-checkout", "reference-transaction"] {
        Command::new("chmod").arg("+x").arg(place.top().join(".git/hooks").join(hook)).status().unwrap();
    }
    place.write("work.py", "one = 2\n");
    let sides = place.sides("main");
    assert_eq!(sides.changed, paths(&["work.py"]));
    assert!(!place.top().join("ran").exists() && !sides.head.root.join("ran").exists());
}

#[test]
fn a_salted_side_is_the_same_commit_in_another_folder() {
    let place = Place::new();
    place.write("work.py", "one = 2\n");
    let sides = place.sides("main");
    let salted = sides.head.salted(7, &mut Silent).unwrap();
    let (plain, apart) = (sides.head.project.apart.as_ref().unwrap(), salted.project.apart.as_ref().unwrap());
    assert_eq!((apart.salt, plain.salt), (Some(7), None));
    assert_eq!(salted.commit, sides.head.commit);
    assert_eq!(read(salted.root.join("work.py")), "one = 2\n");
    assert_ne!(apart.target, plain.target);
    assert_eq!(apart.target.as_os_str().len(), plain.target.as_os_str().len());
    assert_eq!(apart.environments, plain.environments, "packages are not built again");
    assert_eq!(sides.head.salted(0, &mut Silent).unwrap().root, sides.head.root);
}

#[test]
fn two_comparisons_at_once_wait_for_each_other() {
    let place = Place::new();
    let first = place.sides("main");
    let waits = std::thread::scope(|scope| {
        let second = scope.spawn(|| place.sides("main").head.root);
        let root = first.head.root.clone();
        // It cannot have come further than the lock.
        fs::write(root.join("left.py"), "").unwrap();
        assert!(root.join("left.py").exists());
        drop(first);
        second.join().unwrap() == root && !root.join("left.py").exists()
    });
    assert!(waits);
}

/// A crate without dependencies that is an extension's library and a program.
fn with_cargo(settings: &str) -> Place {
    let manifest = "[package]\nname = \"acme\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[lib]\ncrate-type = [\"cdylib\", \"rlib\"]\n\
                    [workspace]\n[profile.release]\nopt-level = 0\n";
    let project = format!(
        "[project]\nname = \"acme\"\nextensions = [{{ package = \"acme\", module = \"pack.native\" }}]\n\
         binaries = [{{ package = \"acme\", name = \"acme\" }}]\n{settings}\n\
         [workload.w.baseline]\ncommand = [\"true\"]\n\
         [workload.w.candidate.native]\nkind = \"native\"\ncommand = [\"{{bin:acme}}\"]\n"
    );
    Place::with(&[
        ("Cargo.toml", manifest),
        ("src/lib.rs", "#[no_mangle]\npub extern \"C\" fn one() -> u32 {\n    1\n}\n"),
        ("src/main.rs", "fn main() {\n    println!(\"{}\", acme::one());\n}\n"),
        (".gitignore", "target\nCargo.lock\n"),
        ("rustworthy.toml", &project),
    ])
}

/// What was built of a side: its program, its module and what all that was.
fn built(side: &Side) -> (PathBuf, PathBuf, Vec<String>) {
    let interpreter = find_interpreter(&side.project).unwrap();
    let home = PythonHome { base: interpreter.clone(), interpreter, packages: Vec::new() };
    let artefacts = build(&side.project, Some(&home), &mut Silent).unwrap_or_else(|error| panic!("{error}"));
    let folder = artefacts.module_folders[0].join("pack");
    let module = fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let digests = artefacts.builds.into_iter().filter_map(|build| build.sha256).collect();
    (artefacts.binaries["acme"].clone(), module, digests)
}

fn said_by(program: &Path) -> String {
    String::from_utf8(Command::new(program).output().unwrap().stdout).unwrap().trim().to_owned()
}

#[test]
fn the_builds_of_the_sides_are_apart_and_a_salt_arranges_them_anew() {
    let place = with_cargo("");
    // A person's own flags, and one place for the builds of all projects.
    let shared = place.folder.path().join("shared");
    let config = format!("[build]\ntarget-dir = {shared:?}\nrustflags = [\"--cfg=own\"]\n");
    place.write(".cargo/config.toml", &config);
    place.write(
        "src/lib.rs",
        "#[no_mangle]\npub extern \"C\" fn one() -> u32 {\n    if cfg!(own) { 1 } else { 9 }\n}\n",
    );
    place.commit("settings");
    place.git(&["branch", "--force", "main"]);
    place.write(
        "src/lib.rs",
        "#[no_mangle]\npub extern \"C\" fn one() -> u32 {\n    if cfg!(own) { 2 } else { 9 }\n}\n",
    );
    let sides = place.sides("main");
    let (base, head) = (sides.base.as_ref().unwrap(), &sides.head);
    let (old, new) = (built(base), built(head));
    assert_eq!((said_by(&old.0), said_by(&new.0)), ("1".to_owned(), "2".to_owned()));
    for (path, other, side) in
        [(&old.0, &new.0, base), (&old.1, &new.1, base), (&new.0, &old.0, head), (&new.1, &old.1, head)]
    {
        assert!(path.starts_with(&side.project.apart.as_ref().unwrap().target), "{}", path.display());
        assert_eq!(path.as_os_str().len(), other.as_os_str().len());
    }
    let salted = built(&head.salted(1, &mut Silent).unwrap());
    assert_eq!(said_by(&salted.0), "2", "the person's flags hold");
    assert!(salted.0 != new.0 && salted.1 != new.1);
    assert!(salted.2.iter().all(|digest| !new.2.contains(digest)), "another arrangement is other bytes");
    drop(sides);
    // The head moves to the base's commit: what is found there is of that commit.
    place.write(
        "src/lib.rs",
        "#[no_mangle]\npub extern \"C\" fn one() -> u32 {\n    if cfg!(own) { 1 } else { 9 }\n}\n",
    );
    let sides = place.sides("main");
    assert!(!new.0.exists() && !new.1.exists(), "nothing of another commit is left to be taken for this one's");
    assert_eq!(said_by(&built(&sides.head).0), "1");
    assert!(!shared.exists());
}

#[test]
fn build_steps_of_the_project_never_meet() {
    let place = with_cargo("build = [[\"cargo\", \"build\", \"--release\", \"--quiet\"]]");
    let sides = place.sides("main");
    let (base, head) = (sides.base.as_ref().unwrap(), &sides.head);
    for side in [base, head] {
        built(side);
        assert!(side.root.join("target/release/acme").is_file(), "where a command of the manifest would look for it");
    }
    assert_ne!(
        head.salted(1, &mut Silent).unwrap().project.apart.unwrap().environments,
        head.project.apart.as_ref().unwrap().environments,
        "steps install into the environment what they build"
    );
    drop(sides);
    let shared = place.folder.path().join("shared");
    place.write(".cargo/config.toml", &format!("[build]\ntarget-dir = {shared:?}\n"));
    let sides = place.sides("main");
    built(&sides.head);
    assert!(!shared.exists());
    assert!(sides.head.project.apart.as_ref().unwrap().target.join("steps/release/acme").is_file());
}
