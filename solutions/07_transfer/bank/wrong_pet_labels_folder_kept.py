# question: pet_labels
# misconception: folder_kept
# sentence: The folder stays part of the breed.
# hint: What does the list of breeds look like?

def pet_labels(names):
    breed_of = [name.rpartition("_")[0] for name in names]
    breeds = sorted(set(breed_of), key=str.lower)
    return torch.tensor([breeds.index(breed) for breed in breed_of]), breeds
