# question: pet_labels
# misconception: capitals_before_small_letters
# sentence: All breeds with a capital stand before those without.
# hint: How does Python compare "Z" and "a"?

def pet_labels(names):
    breed_of = [PurePosixPath(name).stem.rpartition("_")[0] for name in names]
    breeds = sorted(set(breed_of))
    return torch.tensor([breeds.index(breed) for breed in breed_of]), breeds
