"""The studies of the gate: what they plant, how they count, and what is left of a study that was cut off."""

import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts" / "studies"))

import common
import gate_peers
import gate_project
import gate_real
import gate_sizes


def test_ten_commits_plant_forty_slow_downs_of_every_kind_alike():
    commits = [gate_project.planted(number) for number in range(10)]
    assert Counter(level for levels in commits for level in levels.values()) == {5: 20, 10: 20, 0: 5, 2: 5}
    for name in gate_project.CANDIDATES:
        assert Counter(levels[name] for levels in commits) == {5: 4, 10: 4, 0: 1, 2: 1}


def test_a_planted_commit_differs_in_passes_alone():
    base, slower = gate_project.sources({}), gate_project.sources({"mix": 5, "crossings": 10})
    differing = {name for name, text in slower.items() if base[name] != text}
    assert differing == {"src/planted.rs", "planted.py"}
    assert "MIX: u32 = 105;" in slower["src/planted.rs"] and "FOLD: u32 = 100;" in slower["src/planted.rs"]
    assert "CROSSINGS = 110\n" in slower["planted.py"]


def test_a_salted_commit_has_the_same_passes():
    base, salted = gate_project.sources({}), gate_project.sources({}, 3)
    assert {name for name, text in salted.items() if base[name] != text} == {"Cargo.toml", "src/padding.rs"}


def test_all_commits_differ():
    every = [tuple(files.items()) for files in gate_project.commits().values()]
    assert len(set(every)) == len(every) == 3 * gate_project.VARIETIES


@pytest.mark.parametrize(
    ("t", "freedom", "p"),
    [(12.706205, 1, 0.05), (2.228139, 10, 0.05), (-3.169273, 10, 0.01), (1.983972, 100, 0.05), (0.0, 5, 1.0)],
)
def test_students_t_is_that_of_the_tables(t, freedom, p):
    assert gate_peers.student(t, freedom) == pytest.approx(p, rel=1e-5)


def test_welch_tells_means_apart_and_nothing_else():
    assert gate_peers.welch([1.0, 1.1, 0.9, 1.0], [1.0, 1.1, 0.9, 1.0]) == pytest.approx(1.0)
    assert gate_peers.welch([1.0, 1.1, 0.9, 1.0], [2.0, 2.1, 1.9, 2.0]) < 0.001
    assert gate_peers.welch([1.0, 1.0], [1.0, 1.0]) == 1.0


def test_shares_have_exact_intervals():
    assert common.exact_interval(0, 30) == pytest.approx((0, 0.115703), abs=1e-5)
    assert common.exact_interval(38, 40) == pytest.approx((0.830803, 0.993888), abs=1e-5)


def test_a_true_size_is_a_median_with_its_exact_interval():
    kept = [{"build": "p_05", "workload": "mix", "logs": [0.01 * number for number in range(6)]}]
    middle, low, high = gate_sizes.size(kept, "p_05", "mix")
    assert low == 0 and low < middle < high == pytest.approx(0.051271, abs=1e-6)
    assert gate_sizes.size(kept, "p_10", "mix") is None


def test_other_work_lies_beside_every_workload():
    rounds = [gate_real.round_of(number, {}, list(gate_peers.TOOLS)) for number in range(10)]
    beside = {
        (trial["tool"], gate_real.workload_of(trial))
        for trials in rounds
        for trial in trials
        if trial["what"] == "peer" and trial["beside"]
    }
    assert beside == {(tool, name) for tool, names in gate_peers.WORKLOADS.items() for name in names}
    assert len({str(trial) for trials in rounds for trial in trials}) == 10 * (5 + 4 * 5)


def test_what_came_to_nothing_and_what_was_cut_off_is_done_again(tmp_path, monkeypatch):
    monkeypatch.setattr(common, "STUDIES", tmp_path)
    trials = common.Trials("trials")
    wanted = [{"number": number} for number in range(3)]

    def measure(trial):
        if trial["number"] == 1:
            raise common.Failed("no such luck")
        return {"seconds": 1.0}

    trials.run(wanted, measure)
    assert trials.missing(wanted) == [{"number": 1}]
    assert [one["reason"] for one in trials if "failed" in one] == ["no such luck"]
    trials.path.write_text(trials.path.read_text()[:-5])
    assert trials.missing(wanted) == [{"number": 1}, {"number": 2}]
    trials.run(wanted, lambda trial: {"seconds": 2.0})
    assert trials.missing(wanted) == []
    assert [one["seconds"] for one in trials if "seconds" in one] == [1.0, 2.0, 2.0]
