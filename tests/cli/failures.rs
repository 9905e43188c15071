//! Candidates that fail in every way there is: each is a row with its reason, and never hides the others.

use crate::project::{Project, cell, workload};

/// How a candidate fails, and what its row says: name, code, part of the message, part of the output.
const FAILURES: &[(&str, &str, &str, &str)] = &[
    ("raises", "raise ValueError('no luck')", "ValueError: no luck", "raise ValueError"),
    ("exits", "sys.exit(3)", "SystemExit: 3", "sys.exit"),
    ("exits_hard", "print('last words', flush=True); os._exit(0)", "exited with 0 before it was done", "last words"),
    ("crashes", "import ctypes; ctypes.string_at(0)", "SIGSEGV", ""),
    ("is_killed", "os.write(2, b'last words'); os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL", "last words"),
    ("hangs", "print('waiting', flush=True); time.sleep(3600)", "did not end within 2s", "waiting"),
    ("hangs_with_children", "fork_daemon(); os.fork(); os.fork(); time.sleep(3600)", "did not end within 2s", ""),
    ("ignores_signals", "[signal.signal(n, signal.SIG_IGN) for n in (1, 2, 15)]; time.sleep(3600)", "within 2s", ""),
    ("floods", "while True: print('endless ' * 1000)", "did not end within 2s", "endless"),
    ("is_too_big", "return len(bytearray(1 << 34))", "MemoryError", "bytearray"),
    ("closes_everything", "os.closerange(0, 100)", "before it was done", ""),
    (
        "babbles",
        "for fd in range(3, 20):\n        try: os.write(fd, b'{}\\n')\n        except OSError: pass",
        "protocol",
        "{}",
    ),
    ("asks", "return int(input('how many? '))", "EOFError", "input("),
    ("is_lazy", "return (value for value in values)", "consume = true", ""),
    ("is_strange", "return object()", "no canonical form", ""),
    ("is_missing", "", "has no attribute 'is_missing'", ""),
    ("wants_more", "def wants_more(values, more): return sum(values)", "TypeError", ""),
];

const TOOLS: &str = "
import os, signal, sys, time

def fork_daemon():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(3600)
        os._exit(0)
";

fn code() -> String {
    let functions = FAILURES.iter().filter(|(_, body, ..)| !body.is_empty()).map(|(name, body, ..)| {
        if body.starts_with("def") { format!("{body}\n") } else { format!("def {name}(values):\n    {body}\n") }
    });
    functions.fold(TOOLS.to_owned(), |code, function| code + &function)
}

#[test]
fn each_failure_is_a_row_and_the_others_are_measured() {
    let names: Vec<&str> = FAILURES.iter().map(|(name, ..)| *name).chain(["fine"]).collect();
    let settings = "timeout = \"2s\"\nmemory-limit = \"2GiB\"";
    let project = Project::candidates(settings, &names, &(code() + "\nfine = total"));
    let said = project.run(&[]).exits(1);
    let run = project.saved();
    assert_eq!(run["complete"], true);
    for (name, _, message, output) in FAILURES {
        let cell = cell(&run, "total", name);
        assert_eq!(cell["status"], "failed", "{name}: {cell:#}");
        let detail = cell["detail"].as_str().unwrap();
        assert!(detail.contains(message), "{name}: {detail}");
        let kept = cell["failures"][0]["output"].as_str().unwrap();
        assert!(kept.contains(output), "{name}: {kept}");
        assert!(said.stdout.contains(&format!("total/{name} failed")), "{}", said.all());
    }
    for name in ["baseline", "fine"] {
        assert_eq!(cell(&run, "total", name)["launches"].as_array().unwrap().len(), 2, "{name}");
    }
    project.assert_tidy();
}

#[test]
fn a_candidate_may_do_with_its_own_files_what_it_likes() {
    let code = "
import os, sys

def prints(values):
    print('{\"op\": \"done\"}')
    print('noise' * 1000, file=sys.stderr)
    os.write(1, b'{\"op\": \"done\"}\\n')
    return sum(values)

def closes(values):
    for descriptor in (0, 1, 2):
        try: os.close(descriptor)
        except OSError: pass
    return sum(values)

def reads(values):
    return sum(values) + len(sys.stdin.read())

def replaces(values):
    sys.stdout = sys.stderr = sys.stdin = None
    return sum(values)

def leaves_children(values):
    if not os.path.exists('left'):
        open('left', 'w').close()
        if os.fork() == 0:
            os.setsid()
            while True: pass
    return sum(values)

def forks_and_returns(values):
    if not os.path.exists('forked'):
        open('forked', 'w').close()
        os.fork()
    return sum(values)

def moves(values):
    os.chdir('/')
    return sum(values)
";
    let names = ["prints", "closes", "reads", "replaces", "leaves_children", "forks_and_returns", "moves"];
    let project = Project::candidates("", &names, code);
    project.run(&["--rounds", "1"]).exits(0);
    let run = project.saved();
    for name in names {
        assert_eq!(cell(&run, "total", name)["status"], "measured", "{name}");
        assert_eq!(cell(&run, "total", name)["launches"].as_array().unwrap().len(), 1, "{name}");
    }
    project.assert_tidy();
}

#[test]
fn check_shows_why_with_the_end_of_the_output() {
    let project = Project::candidates("", &["raises"], &code());
    let said = project.tool(&["check"]).exits(1);
    crate::assert_said!(project, "check-raises", said.stdout);
}

#[test]
fn output_cannot_command_the_terminal() {
    let code = "
import os

def paints(values):
    os.write(2, b'\\x1b[2J\\x1b]0;owned\\x07 harmless\\n')
    raise ValueError('\\x1b[31mred')
";
    let project = Project::candidates("", &["paints"], code);
    let said = project.tool(&["check"]).exits(1).tells("harmless");
    assert!(!said.stdout.contains('\u{1b}'), "{:?}", said.stdout);
    let said = project.run(&[]).exits(1).tells("red");
    assert!(!said.stdout.contains('\u{1b}'), "{:?}", said.stdout);
}

#[test]
fn a_failing_baseline_leaves_its_candidates_without_one() {
    let manifest = workload("broken", "", "breaks", &["total"]) + &workload("whole", "", "total", &["again"]);
    let project = Project::new(&manifest, "again = total\ndef breaks(values): raise RuntimeError('broken')");
    project.run(&["--rounds", "1"]).exits(1).tells("no baseline");
    let run = project.saved();
    assert_eq!(cell(&run, "broken", "baseline")["status"], "failed");
    assert_eq!(cell(&run, "broken", "total")["status"], "skipped");
    assert!(cell(&run, "broken", "total")["detail"].as_str().unwrap().contains("no baseline"));
    assert_eq!(cell(&run, "whole", "again")["status"], "measured");
    project.run(&["broken"]).exits(3);
    project.tool(&["check", "broken"]).exits(3).tells("RuntimeError: broken");
}

/// Fails in a launch of this hash seed, which is the round plus one, and in no other.
const LATE: &str = "
import os

def late(values):
    if os.environ['PYTHONHASHSEED'] == '2':
        raise RuntimeError('too late')
    return sum(values)
again = total
";

#[test]
fn a_candidate_that_fails_late_gets_no_ratio() {
    let project = Project::candidates("", &["late", "again"], LATE);
    project.run(&[]).exits(1).tells("total/late failed: RuntimeError: too late");
    let run = project.saved();
    let late = cell(&run, "total", "late");
    assert_eq!((late["status"].as_str(), late["failures"][0]["round"].as_u64()), (Some("failed"), Some(1)));
    assert_eq!(late["launches"].as_array().unwrap().len(), 1, "what was measured is kept");
    let comparisons = run["workloads"][0]["sizes"][0]["comparisons"].as_array().unwrap();
    assert!(comparisons.iter().all(|comparison| comparison["candidate"] == "again"));
    assert_eq!(cell(&run, "total", "again")["launches"].as_array().unwrap().len(), 2);
}

#[test]
fn a_baseline_that_fails_late_leaves_its_candidates_without_one() {
    let project = Project::new(&workload("total", "", "late", &["again"]), LATE);
    project.run(&[]).exits(3).tells("no baseline");
    let run = project.saved();
    assert_eq!(cell(&run, "total", "baseline")["status"], "failed");
    assert_eq!(cell(&run, "total", "again")["status"], "skipped");
    assert_eq!(run["workloads"][0]["sizes"][0]["comparisons"].as_array().unwrap().len(), 0);
}
