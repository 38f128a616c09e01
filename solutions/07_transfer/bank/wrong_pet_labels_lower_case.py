# question: pet_labels
# misconception: capitals_lost
# sentence: The breeds are written in small letters, so that cats can no longer be told by their capital.
# hint: Sort by the small letters, but keep the names.

def pet_labels(names):
    breed_of = [PurePosixPath(name).stem.rpartition("_")[0].lower() for name in names]
    breeds = sorted(set(breed_of), key=str.lower)
    return torch.tensor([breeds.index(breed) for breed in breed_of]), breeds
