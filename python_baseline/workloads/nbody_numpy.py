"""`nbody` by numpy, apart so that only this candidate pays for the import.

All ten pairs are taken at once. `ufunc.at` adds in the order of the pairs, and in that order a body is the second of
a pair before it is ever the first: all additions, then all subtractions, are the baseline's order for every body. So
the results are equal to the last bit here too.
"""

from __future__ import annotations

from itertools import combinations, repeat

import numpy

from workloads.nbody import STEP, energy, solar_system


def nbody(steps: int) -> float:
    """The energy after this many steps."""
    countdown = repeat(None, steps)  # refuses what is not an integer within 64 bits
    if steps < 0:
        raise ValueError("steps must not be negative")
    bodies = solar_system()
    position = numpy.array([(body.x, body.y, body.z) for body in bodies])
    velocity = numpy.array([(body.vx, body.vy, body.vz) for body in bodies])
    mass = numpy.array([body.mass for body in bodies])
    one, other = numpy.array(list(combinations(range(len(bodies)), 2))).T
    for _ in countdown:
        apart = position[one] - position[other]
        squares = apart * apart
        square = squares[:, 0] + squares[:, 1] + squares[:, 2]
        pull = STEP / (square * numpy.sqrt(square))
        numpy.add.at(velocity, other, apart * (mass[one] * pull)[:, None])
        numpy.subtract.at(velocity, one, apart * (mass[other] * pull)[:, None])
        position += STEP * velocity
    for body, place, speed in zip(bodies, position.tolist(), velocity.tolist()):
        body.x, body.y, body.z = place
        body.vx, body.vy, body.vz = speed
    return energy(bodies)
