# attacks: 16, 1
# tries: a symbolic link to the hidden tests where the notebook should be
# honest: none
# outcome: ungradable
def hand_in(folder, honest):
    course = folder.parents[2] / "course" / "solutions" / "blocks"
    (folder / "blocks.ipynb").symlink_to(course / "solution.py")
    (folder / "second.ipynb").symlink_to("/etc/passwd")
