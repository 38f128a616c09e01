"""Runs an imported test beside the student's code: the text of this file goes there, and a verdict comes back.

It runs in a fork of the student process that ends with the test, after the last of the student's cells. Whatever it
says can be forged, and the student's process can read the test: so only what cannot be judged from the trusted
process runs here. `FORMS` in `autograder.testing.legacy` does the same over there; both are held against each
other by tests.
"""

PROBE = '''
import ast, contextlib, doctest, io, numbers, sys


def judge(form, source, function, copies):
    """Return [whether it passed, type and message of what it raised, the number it gave or None]."""
    import __main__
    names = vars(__main__)
    names = dict(names) if copies else names
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            given = FORMS[form](source, function, names)
    except BaseException as error:
        return [False, type(error).__name__[:100], str(error)[:1000], None]
    return [True, "", "", given]


def cell(source, function, names):
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<test>", "exec", dont_inherit=True), names)
    value = None
    if last is not None:
        value = eval(compile(ast.Expression(last.value), "<test>", "eval", dont_inherit=True), names)
    if isinstance(value, numbers.Number) and not isinstance(value, bool) and not source.rstrip().endswith(";"):
        return float(value)
    return None


def examples(source, function, names):
    checker = doctest.OutputChecker()
    for example in doctest.DocTestParser().get_examples(source):
        said, raised, shown = io.StringIO(), None, sys.displayhook
        sys.displayhook = lambda value: value is not None and print(repr(value))
        try:
            with contextlib.redirect_stdout(said):
                exec(compile(example.source, "<test>", "single", dont_inherit=True), names)
        except Exception as error:
            raised = error
        finally:
            sys.displayhook = shown
        if raised is not None:
            if example.exc_msg is None:
                raise raised
            found = f"{type(raised).__name__}: {raised}\\n"
            assert checker.check_output(example.exc_msg, found, 0), "another exception"
        else:
            assert checker.check_output(example.want, said.getvalue(), 0), "another output"
    return None


def function(source, function, names):
    exec(compile(source, "<test>", "exec", dont_inherit=True), names)
    import inspect
    wanted = inspect.signature(names[function]).parameters
    names[function](**{name: names if name == "env" else names.get(name) for name in wanted})
    return None


FORMS = {"cell": cell, "examples": examples, "function": function}
'''
