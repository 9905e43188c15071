//! What a workload may call besides plain functions.

use crate::project::Project;

const TOOLS: &str = "
class Tool:
    def __init__(self, factor=2):
        self.factor = factor

    def scale(self, values):
        return [value * self.factor for value in values]

    @staticmethod
    def plain(values):
        return [value * 2 for value in values]

    @classmethod
    def made(cls, values):
        return cls().scale(values)

TOOL = Tool()

async def waits(values):
    return [value * 2 for value in values]

def gives(values):
    for value in values:
        yield value * 2

async def gives_and_waits(values):
    for value in values:
        yield value * 2

def with_tool(size, seed):
    return (Tool(), list(range(size)))

def called(tool, values):
    return tool.scale(values)
";

fn manifest(settings: &str, baseline: &str, candidates: &[&str]) -> String {
    let input = if settings.contains("input") { "" } else { "input = \"work:numbers\"\n" };
    let each = candidates.iter().enumerate().map(|(index, call)| {
        format!("[workload.scale.candidate.way{index}]\nkind = \"python\"\npython = \"work:{call}\"\n")
    });
    format!(
        "[workload.scale]\n{input}sizes = [3]\n{settings}\n[workload.scale.baseline]\npython = \"work:{baseline}\"\n"
    ) + &each.collect::<String>()
}

#[test]
fn methods_of_every_kind_are_workloads() {
    let project = Project::new(&manifest("", "Tool.plain", &["Tool.made", "TOOL.scale"]), TOOLS);
    let said = project.tool(&["check"]).exits(0);
    assert_eq!(said.stdout.matches("agrees").count(), 2, "{}", said.stdout);
}

#[test]
fn a_method_may_get_its_object_from_the_input() {
    let project = Project::new(&manifest("input = \"work:with_tool\"", "Tool.scale", &["called"]), TOOLS);
    project.tool(&["check"]).exits(0).tells("agrees");
}

#[test]
fn async_functions_and_generators_are_workloads_that_are_consumed() {
    let candidates = ["waits", "gives_and_waits", "Tool.plain"];
    let project = Project::new(&manifest("consume = true", "gives", &candidates), TOOLS);
    let said = project.tool(&["check"]).exits(0);
    assert_eq!(said.stdout.matches("agrees").count(), 3, "{}", said.stdout);
    // Something to be awaited is awaited anyway: its caller would do that too. Items may never be asked for.
    let lazy = Project::new(&manifest("", "Tool.plain", &["waits", "gives"]), TOOLS);
    let said = lazy.tool(&["check"]).exits(1).tells("agrees      way0");
    assert_eq!(said.stdout.matches("consume = true").count(), 1, "{}", said.stdout);
}
