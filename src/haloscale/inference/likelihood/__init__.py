"""Likelihoods, one file a kind: what the data say of a `Galaxy`."""
