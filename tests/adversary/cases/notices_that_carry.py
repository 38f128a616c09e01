# attacks: 52
# tries: script, Markdown and addresses in the lines, names and modules that sentences about the notebook repeat
# honest: standardise
# never_raw: <script>alert(5), href="javascript:alert(5), src="https://evil.example
# %%
import no_such_module_1  # `<script>alert(5)</script>` [x](javascript:alert(5)) ![](https://evil.example/x.png) </code>


# %%
assert torch.cuda.is_available(), "cuda `<script>alert(5)</script>` ![](https://evil.example/y.png)"


# %%
import builtins

builtins.len = None
raise ModuleNotFoundError("No module named '<script>alert(5)</script>' [x](javascript:alert(5))")


# %%
type X[`<script>alert(5)</script>`] = "![](https://evil.example/z.png)"


# %%
def accuracy(logits, labels):
    raise ImportError("`</code><script>alert(5)</script>` **cuda** [x](javascript:alert(5))")


softmax_loss = 5
softmax_loss = None
