"""Pure numerics: arrays in, tidy results out; no files, no parameters."""
