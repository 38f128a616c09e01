"""The commands, one module each; see `autograder.cli`."""
