# question: pet_labels
# misconception: labels_from_one
# sentence: Labels count from 1.
# hint: The first place of a list has which index?

def pet_labels(names):
    breed_of = [PurePosixPath(name).stem.rpartition("_")[0] for name in names]
    breeds = sorted(set(breed_of), key=str.lower)
    return torch.tensor([breeds.index(breed) + 1 for breed in breed_of]), breeds
