"""`word_count` with the words split by Python and taken as a list: the costly signature.

Every word becomes a Python string first, and is copied into a Rust one then; the text alone crosses as it lies.
"""

from __future__ import annotations

from rustworthy_suite import word_count_list


def word_count(text: str, limit: int) -> list:
    """The most frequent words, at most `limit` of them."""
    return word_count_list(str.split(text), limit)  # refuses what is no text
