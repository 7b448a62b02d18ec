"""Samplers, one file a library; each imports its library inside."""
