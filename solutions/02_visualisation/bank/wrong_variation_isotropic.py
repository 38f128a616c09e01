# question: total_variation
# misconception: root_of_the_sum_of_squares
# sentence: At each pixel the root of the sum of both squared differences is taken (isotropic variation), not the sum of their sizes.
# hint: A step of 1 down and 1 to the right: does the formula give 2 or 1.41?

def total_variation(image):
    down = F.pad(image[:, 1:] - image[:, :-1], (0, 0, 0, 1))
    across = F.pad(image[:, :, 1:] - image[:, :, :-1], (0, 1))
    return (down**2 + across**2 + 1e-12).sqrt().sum() / image.numel()
