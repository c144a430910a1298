"""One column of a block while it is being read: codes into distinct texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import SupportsIndex

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
INVISIBLE = r"[\x01-\x08\x0e-\x1f\x7f\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}\x{feff}]"
"""Control characters and marks of no width, which make equal ids differ; zero bytes are damage and stay to be seen."""
MARK = "\U0010ffff"
"""Stands for bytes that are no text in the file's encoding (a code point that no text uses)."""
DAMAGE = r"[\x00\x{10ffff}]"
WRAPPINGS = ((INVISIBLE, ""), (r'^="([^"]*)"$', r"\1"), (r"^['`]([^'`]*)$", r"\1"))
"""``="00123"`` and a leading apostrophe keep spreadsheets from taking an id for a number."""
UNTIDY = INVISIBLE + r"""|^[\s\x{3000}\x{a0}='`]|[\s\x{3000}\x{a0}]$"""


@dataclass(frozen=True)
class TextColumn:
    """``labels[codes]`` are the cells; no cell is missing, blanks are the empty text."""

    codes: NDArray[np.int32]
    labels: pa.StringArray

    def __len__(self) -> int:
        return len(self.codes)

    def cell(self, position: SupportsIndex) -> str:
        """One cell."""
        return str(self.labels[int(self.codes[position])].as_py())

    def where(self, pattern: str) -> Mask:
        """Which cells match a regular expression."""
        return self.spread(matching(self.labels, pattern))

    def equal(self, text: str) -> Mask:
        """Which cells are this text."""
        return self.spread(_bools(pc.equal(self.labels, text)))

    def spread(self, found: Mask) -> Mask:
        """A mask of the labels as a mask of the cells."""
        if not found.any():
            return np.zeros(len(self.codes), dtype=bool)
        return found[self.codes]

    def categorical(self, kept: Mask | None) -> pd.Categorical:
        """The kept cells as categories of text."""
        codes = self.codes if kept is None else self.codes[kept]
        return pd.Categorical.from_codes(codes, categories=pd.Index(self.labels.to_pandas(), dtype="str"))


def from_dictionary(array: pa.DictionaryArray) -> TextColumn:
    """A dictionary-encoded column of text without missing values, tidied."""
    return _tidied(array.indices.to_numpy(zero_copy_only=False).astype(np.int32, copy=False), array.dictionary)


def readable(text: str) -> str:
    """A damaged cell as it can be shown."""
    return text.replace(MARK, "\ufffd").replace("\0", "\u2400")


def from_texts(texts: Sequence[str]) -> TextColumn:
    """Cells one by one to a column."""
    return from_dictionary(pa.array(texts, type=pa.string()).dictionary_encode())


def joined(first: TextColumn, second: TextColumn) -> TextColumn:
    """One column below another."""
    arrays = [pa.DictionaryArray.from_arrays(pa.array(part.codes), part.labels) for part in (first, second)]
    merged = pa.chunked_array(arrays).unify_dictionaries()
    codes = np.concatenate([chunk.indices.to_numpy(zero_copy_only=False) for chunk in merged.chunks])
    return TextColumn(codes.astype(np.int32, copy=False), merged.chunk(1).dictionary)


def empty(length: int) -> TextColumn:
    """A column of blanks."""
    return TextColumn(np.zeros(length, dtype=np.int32), pa.array([""], type=pa.string()))


def tidy(texts: Sequence[str]) -> tuple[str, ...]:
    """A few cells without their wrapping.

    >>> tidy(['="00123"', "'456", " 789\\t"])
    ('00123', '456', '789')
    """
    return tuple(_tidy(pa.array(texts, type=pa.string())).to_pylist()) if texts else ()


def matching(labels: pa.StringArray, pattern: str) -> Mask:
    """Which labels match a regular expression (RE2)."""
    return _bools(pc.match_substring_regex(labels, pattern))


def _bools(array: pa.BooleanArray) -> Mask:
    return np.asarray(array.to_numpy(zero_copy_only=False), dtype=bool)


def _tidied(codes: NDArray[np.int32], labels: pa.StringArray) -> TextColumn:
    if not matching(labels, UNTIDY).any():
        return TextColumn(codes, labels)
    distinct = _tidy(labels).dictionary_encode()
    return TextColumn(distinct.indices.to_numpy()[codes].astype(np.int32, copy=False), distinct.dictionary)


def _tidy(labels: pa.StringArray) -> pa.StringArray:
    labels = pc.utf8_trim_whitespace(labels)
    for pattern, kept in WRAPPINGS:
        labels = pc.replace_substring_regex(labels, pattern, kept)
    return pc.utf8_trim_whitespace(labels)
