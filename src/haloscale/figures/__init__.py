"""Figures of a run: one file a figure, each a function from a `records.Run` to a matplotlib `Figure`."""
