"""How many passes the boundary's workload makes: the one thing in which a planted slow-down differs from the base."""

CROSSINGS = 100
