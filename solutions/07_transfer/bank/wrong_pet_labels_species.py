# question: pet_labels
# misconception: species_for_breed
# sentence: The label says cat or dog, not which breed.
# hint: How many different labels can there be?

def pet_labels(names):
    breed_of = [PurePosixPath(name).stem.rpartition("_")[0] for name in names]
    breeds = sorted(set(breed_of), key=str.lower)
    return torch.tensor([int(breed[0].islower()) for breed in breed_of]), breeds
