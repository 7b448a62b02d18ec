"""What a run leaves for a reader: one self-contained page, its citations, a row for a paper's table."""
