"""Release, grade and report programming assignments without letting student code near the tests."""

__version__ = "0.1.0"
