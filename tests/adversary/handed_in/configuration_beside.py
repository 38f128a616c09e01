# attacks: 10, 25
# tries: pytest, Python, Jupyter and nbgrader configuration beside the notebook
# honest: standardise, softmax_loss, conv_block, accuracy
# outcome: graded
def hand_in(folder, honest):
    (folder / "blocks.ipynb").write_bytes(honest)
    for name in ("conftest.py", "sitecustomize.py", "usercustomize.py", "setup.py", "nbgrader_config.py", "jupyter_config.py",
                 "ipython_config.py", "torch.py", "ipykernel_launcher.py", "hidden_tests.py"):
        (folder / name).write_text("import os; os._exit(7)\n")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    (folder / "course.yaml").write_text("title: mine\n")
    (folder / "roster.csv").write_text("id\nmine\n")
    (folder / "torch").mkdir()
    (folder / "torch" / "__init__.py").write_text("import os; os._exit(7)\n")
