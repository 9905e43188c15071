"""`edit_distance` by rapidfuzz, apart so that only this candidate pays for the import.

It is C++ with another algorithm: a whole column of the table of distances in the bits of one word. Left alone it takes
other sequences than text, and lone surrogates; the checks are the baseline's.
"""

from rapidfuzz.distance.Levenshtein import distance

from workloads.edit_distance import check_list, check_pair


def edit_distance(pairs: list) -> list:
    """The distance of each pair."""
    check_list(pairs)
    return [distance(*check_pair(pair)) for pair in pairs]
