"""The Python half of rustworthy's own workloads: one workload a file, the twin of the Rust file of its name.

Each file holds `make(size, seed)`, which makes the input, the baseline under the workload's name, its variants, and
`OUTCOMES`: awkward inputs, each with the outcome that baseline and candidates must share (see `outcomes.py`).
"""
