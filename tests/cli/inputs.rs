//! Inputs: made once, kept with every type that Python has, made again where that cannot be.

use crate::project::{Project, cell, workload};

#[test]
fn an_input_that_cannot_be_made_fails_its_workload_alone() {
    let manifest = workload("raises", "input = \"work:raises\"", "total", &["again"])
        + &workload("listed", "input = \"work:listed\"", "total", &["again"])
        + &workload("fine", "", "total", &["again"]);
    let code = "
again = total
def raises(size, seed): raise OSError('no data here')
def listed(size, seed): return [1, 2, 3]
";
    let project = Project::new(&manifest, code);
    project.tool(&["check"]).exits(1).tells("OSError: no data here").tells("must return a tuple");
    project.run(&["--rounds", "1"]).exits(1);
    let run = project.saved();
    for name in ["raises", "listed"] {
        assert_eq!(cell(&run, name, "baseline")["status"], "failed");
        assert_ne!(cell(&run, name, "again")["status"], "measured");
    }
    assert_eq!(cell(&run, "fine", "again")["status"], "measured");
}

#[test]
fn every_plain_value_arrives_as_it_was_made() {
    let code = "
import decimal, datetime

NAN = float('nan')
MADE = (
    2 ** 80, -(2 ** 63), NAN, float('-inf'), -0.0, 'plain', 'lone \\ud800', b'\\x00\\xff', (1, (2,)), {3, 4},
    {'$': 1, 5: [None, True]}, 1j, decimal.Decimal('1.10'), datetime.date(2020, 2, 29), range(3), frozenset('a'),
    bytearray(b'x'),
)

def everything(size, seed): return MADE
def seen(*values): return [repr(value) for value in values] == [repr(value) for value in MADE]
def returned(*values): return values
def returned_too(*values): return tuple(values)
def lone_text(size, seed): return ('text \\u20ac',)
def lone_bytes(size, seed): return (b'\\x00\\xff',)
def identity(value): return value
def identity_too(value): return value
";
    let manifest = workload("seen", "input = \"work:everything\"", "seen", &[])
        + &workload("returned", "input = \"work:everything\"", "returned", &["returned_too"])
        + &workload("text", "input = \"work:lone_text\"", "identity", &["identity_too"])
        + &workload("bytes", "input = \"work:lone_bytes\"", "identity", &["identity_too"]);
    let project = Project::new(&manifest, code);
    project.tool(&["check"]).exits(0);
    let run = project.run(&["seen", "--rounds", "1"]).exits(0);
    drop(run);
}

#[test]
fn an_input_without_canonical_form_is_made_again_in_every_worker() {
    let code = "
class Log:
    def __init__(self, size): self.lines = list(range(size))

def log(size, seed): return (Log(size),)
def count(log): return len(log.lines)
def count_too(log): return sum(1 for _ in log.lines)

def changing(size, seed):
    import os
    return (Log(size), os.getpid())
def first(log, number): return len(log.lines)
first_too = first
";
    let manifest = workload("log", "input = \"work:log\"", "count", &["count_too"]);
    let project = Project::new(&manifest, code);
    project.run(&["--rounds", "1"]).exits(0).tells("no canonical form and is made again").tells("work.Log");
    assert_eq!(cell(&project.saved(), "log", "count_too")["status"], "measured");

    let project = Project::new(&workload("log", "input = \"work:changing\"", "first", &["first_too"]), code);
    project.tool(&["check"]).exits(3).tells("it must depend on these alone");
}

#[test]
fn the_seed_reaches_the_input() {
    let code = "
def seeded(size, seed): return (size, seed)
def both(size, seed): return [size, seed]
def fixed(size, seed): return [size, 42]
";
    let project = Project::new(&workload("seeded", "input = \"work:seeded\"", "both", &["fixed"]), code);
    project.tool(&["check"]).exits(0);
    project.tool(&["check", "--seed", "7"]).exits(1).tells("result[1]: baseline 7, candidate 42").tells("seed 7");
}

#[test]
fn an_implementation_gets_its_arguments_in_its_own_form() {
    let code = "
from array import array
def as_array(values): return (array('d', values),)
def listed(values): return list(values)
def mean(values): return sum(values) / len(values)
def mean_of_array(values):
    assert type(values) is array, type(values)
    return sum(values) / len(values)
";
    let manifest = workload("mean", "", "mean", &[])
        + "[workload.mean.candidate.array]\nkind = \"python\"\npython = \"work:mean_of_array\"\n\
           adapt = \"work:as_array\"\nassumes = \"the caller already holds an array\"\n\
           [workload.mean.candidate.wrong]\nkind = \"python\"\npython = \"work:mean\"\n\
           adapt = \"work:listed\"\nassumes = \"nothing\"\n";
    let project = Project::new(&manifest, code);
    project.run(&["--rounds", "1"]).exits(1);
    let run = project.saved();
    assert_eq!(cell(&run, "mean", "array")["status"], "measured");
    let wrong = cell(&run, "mean", "wrong");
    assert_eq!(wrong["status"], "failed");
    assert!(wrong["detail"].as_str().unwrap().contains("`work:listed` must return a tuple"), "{wrong:#}");
}
