# attacks: 49, 12
# tries: members that climb out: ../, absolute names, drive letters, back slashes
# honest: none
# outcome: ungradable
import zipfile


def hand_in(folder, honest):
    with zipfile.ZipFile(folder / "blocks.zip", "w") as archive:
        for name in ("../../x.ipynb", "/etc/x.ipynb", "C:\\x.ipynb", "..\\..\\x.ipynb", "a/../../x.ipynb", "//x/x.ipynb"):
            archive.writestr(zipfile.ZipInfo(name), honest)
