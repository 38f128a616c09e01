# question: rotate_batch
# note: image by image, through NumPy, a list of pairs sorted by label

import numpy as np

def rotate_batch(images):
    out, labels = [], []
    for k in range(4):
        for image in images:
            a = np.rot90(image.numpy().transpose(1, 2, 0), k).transpose(2, 0, 1)
            out.append(torch.from_numpy(np.ascontiguousarray(a)))
            labels.append(k)
    return torch.stack(out), torch.tensor(labels)
