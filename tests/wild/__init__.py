"""Public documents through the engine: what leaks, what is held, what breaks. ``python -m tests.wild CORPUS``.

The documents are other people's test files; none is part of this project. Each gets one distinctive word of its own as
a deny term, and readers that the product does not use say whether that word left.
"""
