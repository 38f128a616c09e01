# question: pet_labels
# misconception: breeds_in_order_of_files
# sentence: Breeds stand in the order in which their files come, so labels depend on it.
# hint: What happens to the labels when the folder is listed in another order?

def pet_labels(names):
    breed_of = [PurePosixPath(name).stem.rpartition("_")[0] for name in names]
    breeds = list(dict.fromkeys(breed_of))
    return torch.tensor([breeds.index(breed) for breed in breed_of]), breeds
