# question: pet_labels
# misconception: number_kept
# sentence: The number stays part of the breed, so that almost every photograph is a class of its own.
# hint: How many breeds do you find for a hundred files?

def pet_labels(names):
    breed_of = [PurePosixPath(name).stem for name in names]
    breeds = sorted(set(breed_of), key=str.lower)
    return torch.tensor([breeds.index(breed) for breed in breed_of]), breeds
