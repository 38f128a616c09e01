# question: pet_labels
# note: split and join; labels filled into a tensor one by one

def breed_of(name):
    file = name.split("/")[-1].split(".")[0]
    return "_".join(file.split("_")[:-1])

def pet_labels(names):
    breeds = []
    for name in names:
        if breed_of(name) not in breeds:
            breeds.append(breed_of(name))
    breeds.sort(key=str.lower)
    labels = torch.zeros(len(names), dtype=torch.int64)
    for i in range(len(names)):
        labels[i] = breeds.index(breed_of(names[i]))
    return [labels, breeds]
