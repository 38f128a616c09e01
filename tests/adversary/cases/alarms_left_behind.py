# attacks: 47, 22, 21
# tries: leave alarms, timers and a watch that ends the process a while after the cells
# honest: standardise
# gradable: no
# %%
import faulthandler, os, signal

for number in (signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF):
    signal.signal(number, signal.SIG_DFL)
signal.setitimer(signal.ITIMER_VIRTUAL, 0.2, 0.2)
signal.setitimer(signal.ITIMER_PROF, 0.2, 0.2)
signal.setitimer(signal.ITIMER_REAL, 0.5, 0.5)
faulthandler.dump_traceback_later(0.3, repeat=True, exit=True, file=open(os.devnull, "w"))


# %%
def softmax_loss(logits, labels):
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
    while True:
        pass
