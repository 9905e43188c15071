"""Everything that can be called can be timed: methods, callable instances, asynchronous functions, generators."""

from __future__ import annotations

import pytest
from test_timing import SAMPLE, Manager

FORMS = """
import asyncio
from functools import partial

LOOPS = set()


class Adder:
    made = 0

    def __init__(self, start=100):
        Adder.made += 1
        self.start = start

    def __eq__(self, other):
        return type(other) is Adder and other.start == self.start

    def add(self, *numbers):
        return self.start + sum(numbers)

    def count(self, *_):
        return Adder.made

    async def later(self, number):
        await asyncio.sleep(0)
        return self.start + number

    @staticmethod
    def static(number):
        return number + 1

    @classmethod
    def named(cls, number):
        return [cls.__name__, number]

    def __call__(self, number):
        return self.start * number

    class Inner:
        def twice(self, number):
            return 2 * number


class Heir(Adder):
    pass


class Needy:
    def __init__(self, start):
        self.start = start

    def add(self, number):
        return self.start + number


class Later:
    async def __call__(self, number):
        LOOPS.add(id(asyncio.get_running_loop()))
        return number


instance = Adder(7)
later_instance = Later()
partly = partial(Adder.static, 1)
constant = 3


def number(size, seed):
    return (size,)


def needy(size, seed):
    return (Needy(1000), size)


def set_up():
    return Adder(1)


def set_up_both():
    return Adder(1), Needy(2)


async def wait(number):
    LOOPS.add(id(asyncio.get_running_loop()))
    await asyncio.sleep(0)
    return number


async def loops(number):
    LOOPS.add(id(asyncio.get_running_loop()))
    return len(LOOPS)


async def refuse(number):
    raise ValueError("not this")


async def generator_in_vain(number):
    return (each for each in range(number))


def count_up(number):
    yield from range(number)


async def count_later(number):
    for each in range(number):
        await asyncio.sleep(0)
        yield each


def future(number):
    made = asyncio.get_running_loop().create_future()
    made.set_result(number)
    return made


def late_promise(number):
    return wait(number)
"""


@pytest.fixture
def forms(tmp_path):
    manager = Manager(tmp_path)
    manager.write("forms", FORMS)
    return manager


MADE = {"source": {"callable": {"call": "forms:number", "sha256": None}}}


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("Adder.add", 105),
        ("Heir.add", 105),
        ("Adder.Inner.twice", 10),
        ("Adder.static", 6),
        ("Heir.named", ["Heir", 5]),
        ("instance", 35),
        ("instance.add", 12),
        ("Adder.later", 105),
        ("later_instance", 5),
        ("wait", 5),
    ],
)
def test_every_form_of_callable_is_called_and_timed(forms, call, value):
    assert forms.document(f"forms:{call}", **MADE) == {"value": value}
    assert forms.answer(f"forms:{call}", SAMPLE, **MADE)["iterations"]
    assert forms.answer(f"forms:{call}", SAMPLE, fresh=True, **MADE)["iterations"]


def test_methods_of_builtin_types_are_called_on_the_first_argument(forms, tmp_path):
    (tmp_path / "input.txt").write_text("abc", encoding="utf-8")
    source = {"file": {"path": str(tmp_path / "input.txt"), "encoding": "text"}}
    assert forms.document("builtins:str.upper", source=source) == {"value": "ABC"}


def test_one_instance_serves_every_call(forms):
    answers, _ = forms.speak(forms.job("forms:Adder.count", SAMPLE, forms.outcome, **MADE))
    # One when the module is imported, and one for the method.
    assert answers[2]["op"] == "outcome"
    assert forms.document("forms:Adder.count", **MADE) == {"value": 2}


@pytest.mark.parametrize("setup", ["set_up", "set_up_both"])
def test_the_setup_may_return_the_instance(forms, setup):
    assert forms.document("forms:Adder.add", setup=f"forms:{setup}", **MADE) == {"value": 6}


def test_one_setup_may_return_an_instance_of_each_class(forms):
    assert forms.document("forms:Needy.add", setup="forms:set_up_both", **MADE) == {"value": 7}


def test_the_first_argument_may_be_the_instance(forms):
    source = {"callable": {"call": "forms:needy", "sha256": None}}
    assert forms.document("forms:Needy.add", source=source) == {"value": 1005}


def test_a_class_that_needs_arguments_is_told_with_the_mend(forms):
    failed = forms.failure("forms:Needy.add", forms.outcome, **MADE)
    assert (failed["step"], failed["class"]) == ("setup", "TypeError")
    assert "let `setup` return one" in failed["message"]


def test_what_cannot_be_called_is_told(forms):
    failed = forms.failure("forms:constant", forms.outcome, **MADE)
    assert (failed["step"], failed["class"]) == ("import", "TypeError")
    assert "`int`, which cannot be called" in failed["message"]


def test_an_asynchronous_function_runs_on_one_loop(forms):
    answers, _ = forms.speak(forms.job("forms:loops", SAMPLE, SAMPLE, forms.outcome, **MADE))
    assert [answer["op"] for answer in answers] == ["prepared", "sample", "sample", "outcome", "done"]
    assert '"value":1' in (forms.folder / "outcome.json").read_text(encoding="utf-8")


def test_what_an_asynchronous_function_raises_is_an_answer(forms):
    assert forms.document("forms:refuse", **MADE)["raised"]["class"] == "ValueError"


@pytest.mark.parametrize("call", ["count_up", "count_later", "generator_in_vain", "late_promise"])
def test_what_computes_nothing_by_itself_is_refused(forms, call):
    failed = forms.failure(f"forms:{call}", forms.outcome, **MADE)
    assert (failed["step"], failed["class"]) == ("outcome", "LazyResult")


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("count_up", [0, 1, 2, 3, 4]),
        ("count_later", [0, 1, 2, 3, 4]),
        ("generator_in_vain", [0, 1, 2, 3, 4]),
        ("late_promise", 5),
        ("future", 5),
        ("wait", 5),
        ("Adder.add", 105),
    ],
)
def test_what_is_lazy_is_exhausted_inside_the_clock(forms, call, value):
    assert forms.document(f"forms:{call}", consume=True, **MADE) == {"value": value}
    assert forms.answer(f"forms:{call}", SAMPLE, consume=True, **MADE)["iterations"]
    assert forms.answer(f"forms:{call}", SAMPLE, consume=True, fresh=True, **MADE)["iterations"]


def test_an_awaitable_is_awaited_inside_the_running_loop_once_it_is_known():
    """Entering the loop costs more than a small call: after the first call it must not be in the time."""
    from importlib.util import module_from_spec, spec_from_file_location

    from test_timing import SCRIPT

    spec = spec_from_file_location("timing_here", SCRIPT)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)

    async def later():
        return 1

    target = module.Target(lambda: later(), (), consume=True, fresh=False, guard=lambda: None)
    entered = []
    wait_for = module.wait_for
    module.wait_for = lambda awaitable: entered.append(1) or wait_for(awaitable)
    target.time(1)
    entered.clear()
    target.time(100)
    assert len(entered) == 1
