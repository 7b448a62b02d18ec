"""What a stage tells the user beside its record."""

Notes = tuple[str, ...]
"""Sentences for the log, the terminal and the report."""
