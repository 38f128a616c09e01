# question: filter_grid
# note: a helper for one tile, rows put together with torch.cat, float64 inside

def tile_of(filter):
    wide = filter.double()
    spread = (wide.max() - wide.min()).item()
    if spread == 0:
        return torch.full_like(filter, 0.5)
    return ((wide - wide.min()) / spread).to(filter.dtype)


def filter_grid(weight, columns=8):
    c, h, w = weight[0].shape
    bar = torch.ones(c, h, 1, dtype=weight.dtype)
    lines = []
    for first in range(0, len(weight), columns):
        parts = [tile_of(f) for f in weight[first : first + columns]]
        while len(parts) < columns:
            parts.append(torch.ones(c, h, w, dtype=weight.dtype))
        line = parts[0]
        for part in parts[1:]:
            line = torch.cat([line, bar, part], dim=2)
        if lines:
            lines.append(torch.ones(c, 1, line.shape[2], dtype=weight.dtype))
        lines.append(line)
    return torch.cat(lines, dim=1)
