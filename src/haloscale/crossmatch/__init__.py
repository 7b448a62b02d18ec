"""Spectra meet photometry: two tables joined on the sky, the second a file or a table of a remote service."""

from haloscale.crossmatch.epochs import Epochs
from haloscale.crossmatch.join import JOINED, RADIUS, crossmatch, matched
from haloscale.crossmatch.lines import lines
from haloscale.crossmatch.remote import BLOCK, crossmatch_remote

__all__ = ["BLOCK", "JOINED", "RADIUS", "Epochs", "crossmatch", "crossmatch_remote", "lines", "matched"]
