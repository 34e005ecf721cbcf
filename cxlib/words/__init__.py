"""The words of the pages in Vietnamese and English, and numbers in the reader's locale."""

from cxlib.words.formats import decimal, interval, percent, whole
from cxlib.words.vocabulary import LANGUAGES, both, word

__all__ = ["LANGUAGES", "both", "decimal", "interval", "percent", "whole", "word"]
