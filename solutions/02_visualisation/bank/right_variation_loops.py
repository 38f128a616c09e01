# question: total_variation
# note: plain loops over pixels, channels together

def total_variation(image):
    channels, height, width = image.shape
    total = image.new_zeros(())
    for i in range(height):
        for j in range(width):
            if i + 1 < height:
                total = total + (image[:, i + 1, j] - image[:, i, j]).abs().sum()
            if j + 1 < width:
                total = total + (image[:, i, j + 1] - image[:, i, j]).abs().sum()
    return total / channels / height / width
