//! Interpreters and environments that lack something: what can be measured is, the rest is said.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::project::{Project, cell, python, workload};

/// A workload with a candidate that needs a package nobody has.
fn with_library(settings: &str) -> Project {
    let manifest = workload("total", "", "total", &["again"])
        + "[workload.total.candidate.library]\nkind = \"library\"\npython = \"work:library\"\n\
           requires = [\"no_such_package\"]\n";
    let project = Project::with(&format!("python = {:?}\n{settings}", python()), &manifest, "again = total");
    project.write("requirements.txt", "no-such-package==1.0\n");
    project
}

fn assert_library_is_skipped(project: &Project) {
    let run = project.saved();
    assert_eq!(cell(&run, "total", "again")["status"], "measured");
    let library = cell(&run, "total", "library");
    assert_eq!(library["status"], "skipped");
    assert!(library["detail"].as_str().unwrap().contains("no_such_package"), "{library:#}");
}

#[test]
fn without_any_python_there_is_nothing_to_measure() {
    let project = Project::with("", &workload("total", "", "total", &[]), "");
    let empty = tempfile::tempdir().unwrap();
    let said = project.finish(project.command(&["run"]).env("PATH", empty.path())).exits(3);
    crate::assert_said!(project, "no-python", said.stderr);
    project.finish(project.command(&["list"]).env("PATH", empty.path())).exits(0);
}

#[test]
fn a_named_python_that_will_not_do_is_not_passed_over() {
    let manifest = workload("total", "", "total", &[]);
    let project = Project::with("python = \"nowhere/python\"", &manifest, "");
    project.tool(&["check"]).exits(3).complains("the manifest's `python`").complains("nowhere/python: No such file");
    for (text, reason) in [
        ("#!/bin/sh\necho hello\n", "does not answer as a Python does"),
        ("#!/bin/sh\necho broken >&2\nexit 1\n", "exited with 1: broken"),
        ("#!/bin/sh\necho '{\"version_info\": [2, 7, 18]}'\n", "does not answer"),
    ] {
        project.write("nowhere/python", text);
        fs::set_permissions(project.path("nowhere/python"), fs::Permissions::from_mode(0o755)).unwrap();
        project.tool(&["check"]).exits(3).complains(reason);
    }
    fs::set_permissions(project.path("nowhere/python"), fs::Permissions::from_mode(0o644)).unwrap();
    project.tool(&["check"]).exits(3).complains("Permission denied");
}

#[test]
fn an_interpreter_is_found_where_the_project_keeps_it() {
    let project = Project::with("", &workload("total", "", "total", &["again"]), "again = total");
    fs::create_dir_all(project.path(".venv/bin")).unwrap();
    // Chosen by the working directory, as version managers do.
    let chooser = format!("#!/bin/sh\n[ -f rustworthy.toml ] || exit 9\nexec {} \"$@\"\n", python().display());
    fs::write(project.path(".venv/bin/python"), chooser).unwrap();
    fs::set_permissions(project.path(".venv/bin/python"), fs::Permissions::from_mode(0o755)).unwrap();
    project.tool(&["check"]).exits(0);
    let broken = project.finish(project.command(&["check"]).env("VIRTUAL_ENV", "/nowhere")).exits(3);
    broken.complains("$VIRTUAL_ENV: /nowhere/bin/python");
}

#[test]
fn modules_of_the_project_do_not_stand_in_for_the_standard_library() {
    let project = Project::candidates("", &["again"], "again = total");
    for name in ["json.py", "platform.py", "sysconfig.py"] {
        project.write(name, "raise RuntimeError('not the one you mean')");
    }
    // Only the probe is meant: the code under test sees its own folder first.
    let said = project.tool(&["check"]);
    assert!(!said.stderr.contains("no Python to measure with"), "{}", said.all());
}

#[test]
fn an_interpreter_without_venv_is_a_warning() {
    // Without an environment to build in, no build step may take the interpreter for one.
    let build = "build = [[\"sh\", \"-c\", \"test -z \\\"$VIRTUAL_ENV\\\" && test $PIP_REQUIRE_VIRTUALENV = 1\"]]";
    let project = with_library(&format!("requirements = \"requirements.txt\"\n{build}"));
    project.write("shadow/venv.py", "import sys; sys.exit('No module named ensurepip')");
    let said =
        project.finish(project.command(&["run", "--quick", "--rounds", "1"]).env("PYTHONPATH", project.path("shadow")));
    let said = said.exits(0).complains("No managed environment over").complains("it has no `ensurepip`");
    said.tells("total/library skipped").complains("Install the interpreter's venv and pip");
    assert_library_is_skipped(&project);
}

#[test]
fn an_environment_without_pip_is_a_warning() {
    let project = with_library("requirements = \"requirements.txt\"");
    project.write("shadow/pip.py", "import sys; sys.exit('No module named pip')");
    let said =
        project.finish(project.command(&["run", "--quick", "--rounds", "1"]).env("PYTHONPATH", project.path("shadow")));
    said.exits(0)
        .complains("Could not install no-such-package==1.0: No module named pip")
        .tells("total/library skipped");
    assert_library_is_skipped(&project);
}

#[test]
fn without_a_network_packages_are_missing_and_the_rest_is_measured() {
    let project = with_library("requirements = \"requirements.txt\"");
    project.write("requirements.txt", "no-such-package==1.0\nanother-one\n");
    let offline = |arguments: &[&str]| {
        let mut command = project.command(arguments);
        project.finish(command.env("PIP_INDEX_URL", "http://127.0.0.1:9/simple").env("PIP_CONFIG_FILE", "/dev/null"))
    };
    let said = offline(&["run", "--quick", "--rounds", "1"]).exits(0);
    said.complains("Could not install no-such-package==1.0").complains("Could not install another-one");
    assert_library_is_skipped(&project);
    offline(&["check"]).exits(0).complains("trying again what could not be installed").tells("skipped");
}

#[test]
fn looking_for_a_package_never_ends_the_run() {
    let manifest = workload("total", "", "total", &["again"])
        + "[workload.total.candidate.noisy]\nkind = \"library\"\npython = \"noisy:total\"\n\
           requires = [\"noisy.part\", \"explosive.part\"]\n";
    let project = Project::new(&manifest, "again = total");
    project.write("noisy/__init__.py", "print('hello'); from work import total");
    project.write("noisy/part.py", "");
    project.write("explosive/__init__.py", "raise RuntimeError('boom')");
    project.tool(&["check"]).exits(0).tells("needs explosive.part");
}

#[test]
fn a_build_that_fails_shows_its_output_and_its_command() {
    let settings =
        format!("python = {:?}\nbuild = [[\"sh\", \"-c\", \"echo no compiler here >&2; exit 7\"]]", python());
    let project = Project::with(&settings, &workload("total", "", "total", &[]), "");
    let said = project.tool(&["run"]).exits(3);
    crate::assert_said!(project, "failed-build", said.stderr);
    let settings = format!("python = {:?}\nbuild = [[\"no-such-program\", \"x\"]]", python());
    let project = Project::with(&settings, &workload("total", "", "total", &[]), "");
    project.tool(&["run"]).exits(3).complains("no-such-program");
}

/// Every file below a folder, but what Python compiles for itself.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() && !entry.is_symlink() {
            found.extend(files(&entry));
        } else if entry.extension().is_none_or(|extension| extension != "pyc") {
            found.push(entry.display().to_string());
        }
    }
    found.sort();
    found
}

/// Requirements and build steps that would install wherever they can.
#[test]
fn nothing_is_installed_into_the_projects_own_environment() {
    let make_wheel = "
import zipfile
with zipfile.ZipFile('tiny-1.0-py3-none-any.whl', 'w') as wheel:
    wheel.writestr('tiny.py', 'from work import total')
    info = 'tiny-1.0.dist-info/'
    wheel.writestr(info + 'METADATA', 'Metadata-Version: 2.1\\nName: tiny\\nVersion: 1.0\\n')
    wheel.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr(info + 'RECORD', '')
";
    let build = "
import os, pathlib, sysconfig
pathlib.Path(sysconfig.get_path('purelib'), 'built.py').write_text('from work import total')
assert os.environ['VIRTUAL_ENV'] == __import__('sys').prefix
";
    let settings = "python = \".venv/bin/python\"\nrequirements = \"requirements.txt\"\n\
                    build = [[\"python\", \"build.py\"], [\"beside\"]]";
    let manifest = ["tiny", "built"].map(|name| {
        format!("[workload.total.candidate.{name}]\nkind = \"library\"\npython = \"{name}:total\"\nrequires = [\"{name}\"]\n")
    });
    let project = Project::with(settings, &(workload("total", "", "total", &[]) + &manifest.concat()), "");
    let run_python = |arguments: &[&str]| {
        let mut command = std::process::Command::new(python());
        project.settle(&mut command);
        assert!(command.args(arguments).status().unwrap().success());
    };
    run_python(&["-c", make_wheel]);
    run_python(&["-m", "venv", "--without-pip", ".venv"]);
    // A tool that is installed beside the interpreter, as maturin would be.
    project.write(".venv/bin/beside", "#!/bin/sh\n");
    fs::set_permissions(project.path(".venv/bin/beside"), fs::Permissions::from_mode(0o755)).unwrap();
    project.write("requirements.txt", "./tiny-1.0-py3-none-any.whl\n");
    project.write("build.py", build);
    let before = files(&project.path(".venv"));
    let home = tempfile::tempdir().unwrap();
    let mut command = project.command(&["check"]);
    let elsewhere = home.path().join("elsewhere");
    command
        .env("PIP_USER", "1")
        .env("PIP_TARGET", &elsewhere)
        .env("PYTHONUSERBASE", home.path())
        .env("PIP_NO_INDEX", "1");
    let said = project.finish(&mut command).exits(0);
    assert_eq!(said.stdout.matches("agrees").count(), 2, "{}", said.all());
    assert_eq!(files(&project.path(".venv")), before);
    assert_eq!(files(home.path()), Vec::<String>::new());
}

#[test]
fn a_cache_that_cannot_be_written_is_named() {
    let project = Project::candidates("", &[], "");
    project.write("file", "");
    let said = project.finish(project.command(&["check"]).env("XDG_CACHE_HOME", project.path("file")));
    said.exits(3).complains("set XDG_CACHE_HOME");
}

/// A native module of the standard library, laid where cargo puts debug builds, is one as far as can be told.
#[test]
fn a_debug_build_is_not_timed() {
    let find = "import glob, os, sysconfig; folder = os.path.join(sysconfig.get_path('stdlib'), 'lib-dynload'); \
                print(*glob.glob(os.path.join(folder, '_zoneinfo.*so')))";
    let output = std::process::Command::new(python()).args(["-c", find]).output().unwrap();
    let module = String::from_utf8(output.stdout).unwrap();
    // Some interpreters have all of the standard library built in.
    let Some(module) = module.split_whitespace().next().map(std::path::PathBuf::from) else { return };
    let code = "
def native(values):
    import _zoneinfo
    return sum(values)
";
    let manifest = workload("total", "", "total", &[])
        + "[workload.total.candidate.hybrid]\nkind = \"hybrid\"\npython = \"hybrid:total\"\n";
    let project = Project::new(&manifest, code);
    project
        .write("hybrid.py", "import sys; sys.path.insert(0, 'target/debug'); import _zoneinfo; from work import total");
    fs::create_dir_all(project.path("target/debug")).unwrap();
    fs::copy(&module, project.path("target/debug").join(module.file_name().unwrap())).unwrap();
    project.run(&[]).exits(1).tells("loaded a debug build of _zoneinfo").tells("build it in release");
    assert_eq!(cell(&project.saved(), "total", "hybrid")["status"], "failed");
    assert_eq!(cell(&project.saved(), "total", "hybrid")["launches"].as_array().unwrap().len(), 0);
}
