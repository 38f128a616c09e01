"""The layouts in which work comes in, one file a platform; `choose` says which one a batch has."""
