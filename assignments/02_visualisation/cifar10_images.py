"""CIFAR-10 from its own files, beside a notebook: nothing but torch and Python's library is needed.

    from cifar10_images import load_cifar10

    images, labels = load_cifar10(train=False)

The folder that holds `cifar-10-batches-py` is the one that the environment variable CIFAR10_ROOT (or CIFAR10_DATA)
names; without it `data` beside the notebook, into which the data set (170 MB) is fetched where it is not there yet.
The files are pickles, so each is read only if its SHA-256 is the one below.
"""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import tarfile
import urllib.request
import zlib
from pathlib import Path

import torch

FOLDER = "cifar-10-batches-py"
ARCHIVE = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
SHA256 = {
    "data_batch_1": "54636561a3ce25bd3e19253c6b0d8538147b0ae398331ac4a2d86c6d987368cd",
    "data_batch_2": "766b2cef9fbc745cf056b3152224f7cf77163b330ea9a15f9392beb8b89bc5a8",
    "data_batch_3": "0f00d98ebfb30b3ec0ad19f9756dc2630b89003e10525f5e148445e82aa6a1f9",
    "data_batch_4": "3f7bb240661948b8f4d53e36ec720d8306f5668bd0071dcb4e6c947f78e9682b",
    "data_batch_5": "d91802434d8376bbaeeadf58a737e3a1b12ac839077e931237e0dcd43adcb154",
    "test_batch": "f53d8d457504f7cff4ea9e021afcf0e0ad8e24a91f3fc42091b8adef61157831",
}


def load_cifar10(train: bool, root: Path | str | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    """The 50,000 training images, or the 10,000 test images, in the order of the files.

    Args:
        train: which of the two.
        root: the folder that holds `cifar-10-batches-py`; None looks as said above, and fetches.

    Returns:
        images uint8 `(N, 32, 32, 3)`, labels int64 `(N,)` in 0..9.

    Raises:
        OSError: the data set is not there and cannot be fetched, or a file is not the original.
    """
    root = root or os.environ.get("CIFAR10_ROOT") or os.environ.get("CIFAR10_DATA") or fetched(Path("data"))
    images, labels = [], []
    for name, sha256 in SHA256.items():
        if train == name.startswith("data_batch"):
            path = Path(root) / FOLDER / name
            data = path.read_bytes()
            if hashlib.sha256(data).hexdigest() != sha256:
                raise OSError(f"{path} is not the original file (its SHA-256 differs): delete it and fetch it again")
            batch = pickle.loads(data, encoding="latin1")  # noqa: S301 - the very bytes that were published
            images.append(torch.from_numpy(batch["data"]))
            labels += batch["labels"]
    return torch.cat(images).view(-1, 3, 32, 32).permute(0, 2, 3, 1).contiguous(), torch.tensor(labels)


def fetched(root: Path) -> Path:
    """The folder, with the data set's files in it. Raises OSError where they cannot be fetched."""
    if not all((root / FOLDER / name).is_file() for name in SHA256):
        print(f"fetching {ARCHIVE} (170 MB) into {root.resolve()}")
        with urllib.request.urlopen(ARCHIVE, timeout=60) as answer:
            archive = io.BytesIO(answer.read())
        try:
            with tarfile.open(fileobj=archive) as files:
                files.extractall(root, filter="data")
        except (tarfile.TarError, EOFError, zlib.error) as error:
            raise OSError(f"what {ARCHIVE} sent is no whole archive: try again") from error
    return root


def announce_stand_in(wanted: str, problem: BaseException, stand_in: str = "procedural images of ten figures") -> None:
    """Print, so that nobody overlooks it, that a notebook goes on with something else than what was wanted."""
    print("!" * 100)
    print(f"!!  {wanted} IS NOT HERE. What follows is made with {stand_in} instead.")
    print(f"!!  Reason: {problem}")
    print("!!  Its figures and files are good for trying the code only: do not hand them in. For CIFAR-10 set the")
    print(
        "!!  environment variable CIFAR10_ROOT to the folder that holds cifar-10-batches-py, then restart and run all."
    )
    print("!" * 100)
