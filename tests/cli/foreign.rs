//! Rust of somebody else: a cargo workspace below the manifest, a target folder of its own, a bench that knows nothing of
//! the tool.

use std::fs;

use crate::project::{Project, cell, python};

/// What the tool needs of criterion, and no more: the flags that name a benchmark, the files that it leaves.
const BENCH: &str = r#"
use std::{env, fs, path::Path};

fn main() {
    let arguments: Vec<String> = env::args().collect();
    let id = arguments.iter().position(|word| word == "--exact").map(|at| arguments[at + 1].clone()).unwrap_or_default();
    // As every bench of a package may: its data lies beside it.
    let ids = fs::read_to_string("benches/ids.txt").expect("the bench runs in the folder of its package");
    assert_eq!(env::var("GREETING").as_deref(), Ok("hello"));
    if !ids.lines().any(|known| known == id) {
        return;
    }
    let total = acme_core::total(&fs::read_to_string(env::var("RUSTWORTHY_INPUT").unwrap()).unwrap());
    assert_eq!(total, 45);
    let folder = Path::new(&env::var("CRITERION_HOME").unwrap()).join("any/new");
    fs::create_dir_all(&folder).unwrap();
    let calls: Vec<f64> = (1..=10).map(f64::from).collect();
    let times: Vec<f64> = calls.iter().map(|calls| calls * 1000.0).collect();
    fs::write(folder.join("sample.json"), format!("{{\"iters\":{calls:?},\"times\":{times:?}}}")).unwrap();
    fs::write(folder.join("benchmark.json"), format!("{{\"full_id\":{id:?}}}")).unwrap();
}
"#;

const LIBRARY: &str = r#"
/// The total of the numbers in an encoded input.
pub fn total(input: &str) -> i64 {
    input.split(|letter: char| !letter.is_ascii_digit()).filter_map(|word| word.parse::<i64>().ok()).sum()
}
"#;

const VERIFY: &str = r#"
fn main() {
    let words: Vec<String> = std::env::args().collect();
    let input = std::fs::read_to_string(&words[1]).unwrap();
    for (word, name) in words[1..].iter().zip(["INPUT", "SIZE", "SEED"]) {
        assert_eq!(*word, std::env::var(format!("RUSTWORTHY_{name}")).unwrap());
    }
    println!("{}", acme_core::total(&input));
}
"#;

fn project() -> Project {
    let native = |name: &str, verify: &str| {
        format!(
            "[workload.total.candidate.{name}]\nkind = \"native\"\n{verify}\n\
             criterion = {{ package = \"acme-core\", bench = \"logs\", id = \"total/{{size}}\" }}\n"
        )
    };
    let workload = "[workload.total]\ninput = \"work:numbers\"\nsizes = [10]\nenv = { GREETING = \"hello\" }\n\
                    [workload.total.baseline]\npython = \"work:total\"\n\
                    [workload.odd]\ninput = \"work:numbers\"\nsizes = [10]\nenv = { GREETING = \"hello\" }\n\
                    [workload.odd.baseline]\npython = \"work:odd\"\n"
        .to_owned();
    let odd = r#"verify = ["echo", '[{"$": "float", "v": "nan"}, {"$": "int", "v": "1180591620717411303424"}, 1.0]']"#;
    let manifest = workload
        + &native("same", "verify = [\"built/release/verify\", \"{input}\", \"{size}\", \"{seed}\"]")
        + &native("other", "verify = [\"echo\", \"46\"]")
        + &native("mute", "")
        + &native("broken", "verify = [\"sh\", \"-c\", \"echo no such function >&2; exit 3\"]")
        + &native("talks", "verify = [\"echo\", \"forty-five\"]")
        + &native("rare", "verify = [\"sh\", \"-c\", \"expr 45 + $RUSTWORTHY_SEED % 3\"]")
        + &native("missing", "verify = [\"no/such/program\"]")
        + &native("same", odd).replace("workload.total", "workload.odd");
    let settings = format!(
        "python = {:?}\ncargo = \"rust\"\n\
         build = [[\"cargo\", \"build\", \"--release\", \"--bin\", \"verify\", \"--manifest-path\", \"rust/Cargo.toml\", \"--target-dir\", \"built\"]]",
        python()
    );
    let code = "
def odd(values):
    return (float('nan'), 2**70, 1.0)
";
    let project = Project::with(&settings, &manifest, code);
    project.write("rust/Cargo.toml", "[workspace]\nmembers = [\"core\", \"app\"]\nresolver = \"2\"\n");
    project.write("rust/.cargo/config.toml", "[build]\ntarget-dir = \"../built\"\n");
    let package = |name: &str, rest: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n{rest}")
    };
    project.write("rust/core/Cargo.toml", &package("acme-core", "[[bench]]\nname = \"logs\"\nharness = false\n"));
    project.write("rust/core/src/lib.rs", LIBRARY);
    project.write("rust/core/benches/logs.rs", BENCH);
    project.write("rust/core/benches/ids.txt", "total/10\n");
    project.write("rust/app/Cargo.toml", &package("acme-app", "[dependencies]\nacme-core = { path = \"../core\" }\n"));
    project.write("rust/app/src/bin/verify.rs", VERIFY);
    project
}

#[test]
fn a_bench_of_another_workspace_is_verified_and_timed() {
    let project = project();
    project.run(&["--rounds", "1", "--project", "."]).exits(1);
    let run = project.saved();
    let described = |workload, name| {
        let cell = cell(&run, workload, name);
        let timed = !cell["launches"].as_array().unwrap().is_empty();
        (cell["status"].as_str().unwrap().to_owned(), timed, cell["detail"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(described("total", "same"), ("measured".to_owned(), true, String::new()));
    assert_eq!(described("odd", "same"), ("measured".to_owned(), true, String::new()));
    for (name, status, is_timed, detail) in [
        ("other", "differs", false, "result: baseline 45, candidate 46"),
        ("rare", "measured", true, ""),
        ("mute", "unverified", true, "no `verify`"),
        ("broken", "failed", false, "`verify` exited with 3"),
        ("talks", "failed", false, "is not one JSON document"),
        ("missing", "failed", false, "no/such/program"),
    ] {
        let found = described("total", name);
        assert_eq!((found.0.as_str(), found.1), (status, is_timed), "{name}: {found:?}");
        assert!(found.2.contains(detail), "{name}: {found:?}");
    }
    // What `other` was caught at would be tried on everybody.
    fs::remove_dir_all(project.path("rustworthy-cases")).unwrap();
    let checks = ["check", "--cases", "12", "--format", "json", "total/same", "total/rare"];
    let checks = project.tool(&checks).exits(1).json();
    assert_eq!(checks["workloads"][0]["candidates"][0]["agreeing"], 12, "{checks:#}");
    assert!(checks["workloads"][0]["candidates"][1]["differing"].as_u64().unwrap() > 2, "{checks:#}");
    assert!(!project.path("rust/target").exists() && !project.path("target").exists());

    let builds = project.path("built/rustworthy");
    fs::create_dir_all(builds.join("mine")).unwrap();
    let would = project.tool(&["clean", "--dry-run"]).exits(0).tells("builds of this project").tells("would free");
    assert!(would.stdout.contains("built/rustworthy/native") && builds.join("native").exists());
    project.tool(&["clean"]).exits(0).tells("freed");
    assert!(!builds.join("native").exists() && builds.join("mine").exists() && project.path("built/release").exists());
}
