"""Move the sun and four giant planets for a number of steps; returns the energy of the system afterwards.

Both twins do the same operations in the same order, with the square root as the only function (IEEE 754 rounds it
correctly, which it does not ask of `**`): the results are equal to the last bit.
"""

from __future__ import annotations

from itertools import combinations, repeat
from math import pi, sqrt

from workloads.outcomes import error

# Days in a year: velocities are given per day, and used per year.
YEAR = 365.24
# In units where the gravitational constant is 1, lengths are astronomical units and times are years.
SUN = 4.0 * pi * pi
# The length of a step in years.
STEP = 0.01

# Position, velocity per day, mass in suns.
PLANETS = [
    (  # Jupiter
        (4.841431442464721, -1.1603200440274284, -0.10362204447112311),
        (0.001660076642744037, 0.007699011184197404, -0.0000690460016972063),
        0.0009547919384243266,
    ),
    (  # Saturn
        (8.34336671824458, 4.124798564124305, -0.403523417114321),
        (-0.002767425107268624, 0.004998528012349172, 0.000023041729757376393),
        0.0002858859806661308,
    ),
    (  # Uranus
        (12.89436956213913, -15.111151401698631, -0.22330757889265574),
        (0.002964601375647616, 0.0023784717395948095, -0.000029658956854023756),
        0.00004366244043351563,
    ),
    (  # Neptune
        (15.379697114850917, -25.919314609987964, 0.17925877295037118),
        (0.0026806777249038933, 0.001628241700382423, -0.00009515922545197159),
        0.000051513890204661146,
    ),
]


class Body:
    """A mass with its place and velocity."""

    __slots__ = ("mass", "vx", "vy", "vz", "x", "y", "z")

    def __init__(self, position: tuple[float, float, float], velocity: tuple[float, float, float], mass: float) -> None:
        self.x, self.y, self.z = position
        self.vx, self.vy, self.vz = velocity
        self.mass = mass


def make(size: int, seed: int) -> tuple[int]:
    """`size` steps; the planets are the same for every seed."""
    return (size,)


def nbody(steps: int) -> float:
    """The energy after this many steps."""
    countdown = repeat(None, steps)  # refuses what is not an integer within 64 bits
    if steps < 0:
        raise ValueError("steps must not be negative")
    bodies = solar_system()
    pairs = list(combinations(bodies, 2))
    for _ in countdown:
        advance(bodies, pairs)
    return energy(bodies)


def solar_system() -> list[Body]:
    """The sun and the planets, at rest as a whole: the sun moves against the planets."""
    bodies = [Body((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), SUN)]
    for position, (vx, vy, vz), mass in PLANETS:
        bodies.append(Body(position, (vx * YEAR, vy * YEAR, vz * YEAR), mass * SUN))
    px = py = pz = 0.0
    for body in bodies:
        px += body.vx * body.mass
        py += body.vy * body.mass
        pz += body.vz * body.mass
    sun = bodies[0]
    sun.vx, sun.vy, sun.vz = -px / SUN, -py / SUN, -pz / SUN
    return bodies


def advance(bodies: list[Body], pairs: list[tuple[Body, Body]]) -> None:
    """One step."""
    for one, other in pairs:
        dx = one.x - other.x
        dy = one.y - other.y
        dz = one.z - other.z
        square = dx * dx + dy * dy + dz * dz
        pull = STEP / (square * sqrt(square))
        by_other = other.mass * pull
        by_one = one.mass * pull
        one.vx -= dx * by_other
        one.vy -= dy * by_other
        one.vz -= dz * by_other
        other.vx += dx * by_one
        other.vy += dy * by_one
        other.vz += dz * by_one
    for body in bodies:
        body.x += STEP * body.vx
        body.y += STEP * body.vy
        body.z += STEP * body.vz


def energy(bodies: list[Body]) -> float:
    """Kinetic less potential energy."""
    total = 0.0
    for index, one in enumerate(bodies):
        total += 0.5 * one.mass * (one.vx * one.vx + one.vy * one.vy + one.vz * one.vz)
        for other in bodies[index + 1 :]:
            dx = one.x - other.x
            dy = one.y - other.y
            dz = one.z - other.z
            total -= one.mass * other.mass / sqrt(dx * dx + dy * dy + dz * dz)
    return total


OUTCOMES = [
    ("negative", (-1,), error(ValueError)),
    ("beyond 64 bits", (10**30,), error(OverflowError)),
    ("far below zero", (-(10**30),), error(OverflowError)),
    ("float", (1.0,), error(TypeError)),
    ("text", ("1",), error(TypeError)),
    ("nothing", (None,), error(TypeError)),
]
