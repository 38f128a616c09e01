# question: pet_labels
# misconception: breed_is_the_first_word
# sentence: Breeds of several words are cut after the first.
# hint: Split at the last underscore, not at the first.

def pet_labels(names):
    breed_of = [PurePosixPath(name).stem.split("_")[0] for name in names]
    breeds = sorted(set(breed_of), key=str.lower)
    return torch.tensor([breeds.index(breed) for breed in breed_of]), breeds
