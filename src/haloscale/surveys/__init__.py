"""The surveys that haloscale reads: one file each, a `Survey` value with its columns, source, licence and citation."""

from haloscale.surveys.base import Column, Survey, surveys
from haloscale.surveys.fetch import fetch

__all__ = ["Column", "Survey", "fetch", "surveys"]
