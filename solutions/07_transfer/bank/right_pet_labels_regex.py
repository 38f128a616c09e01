# question: pet_labels
# note: a regular expression, a dictionary, sorted by casefold

import re

def pet_labels(names):
    found = [re.search(r"([^/]+)_\d+\.\w+$", name)[1] for name in names]
    breeds = sorted(dict.fromkeys(found), key=lambda breed: breed.casefold())
    number = {breed: place for place, breed in enumerate(breeds)}
    return torch.as_tensor([number[breed] for breed in found], dtype=torch.long), breeds
