# question: filter_grid
# note: pads every tile with white, lays the tiles out by reshape and permute, cuts the outer gap off

def filter_grid(weight, columns):
    f, c, h, w = weight.shape
    low = weight.flatten(1).min(1).values.view(f, 1, 1, 1)
    spread = weight.flatten(1).max(1).values.view(f, 1, 1, 1) - low
    constant = (spread == 0).expand_as(weight)
    scaled = (weight - low) / spread.masked_fill(spread == 0, 1)
    scaled = scaled.masked_fill(constant, 0.5)
    rows = (f + columns - 1) // columns
    scaled = torch.cat([scaled, torch.ones(rows * columns - f, c, h, w, dtype=weight.dtype)])
    scaled = F.pad(scaled, (0, 1, 0, 1), value=1.0)
    page = scaled.view(rows, columns, c, h + 1, w + 1).permute(2, 0, 3, 1, 4)
    return page.reshape(c, rows * (h + 1), columns * (w + 1))[:, :-1, :-1]
