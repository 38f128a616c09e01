# attacks: 52
# tries: script in file names, metadata, errors, variables and every kind of output
# honest: standardise
# never_raw: <script>window.owned, <img src=x onerror
# %%
import json
from IPython.display import HTML, IFrame, Latex, Math, Video, display

display(HTML("<iframe srcdoc='<script>parent.owned=1</script>'></iframe><base href='http://x/'><meta http-equiv=refresh content='0;url=http://x'>"))
display(Latex("$\\href{javascript:window.owned=1}{x}$"), Math("\\unicode{<script>window.owned=1</script>}"))
display({"text/markdown": "![x](x onerror=window.owned=1)", "text/html": "<form action=http://x><button>Continue</button></form>"}, raw=True)
display({"application/javascript": "window.owned=1", "image/svg+xml": "<svg><script>window.owned=1</script></svg>"}, raw=True)
display({"image/png": "<script>window.owned=1</script>"}, raw=True)


class Named(Exception):
    pass


Named.__name__ = "</td><script>window.owned=1</script>"


def accuracy(logits, labels):
    raise Named("</script><script>window.owned=1</script>")


def softmax_loss(logits, labels):
    return {"<script>window.owned=1</script>": "'><img src=x onerror=window.owned=1>"}
