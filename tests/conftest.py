"""For all tests: a busy machine is no failure of a property, and a signal that the starting shell ignores counts."""

import signal

from hypothesis import HealthCheck, settings

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

# A shell ignores Ctrl-C for what it starts in the background, and children inherit that: tests of Ctrl-C would wait
# for a signal that never comes.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
