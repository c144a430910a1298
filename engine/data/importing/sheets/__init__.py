"""Files as merchants have them to sheets of text rows: nothing is parsed, nothing is lost.

``detect`` says what a file is by its content; ``text``, ``excel``, ``html`` and ``parquet`` read one format each;
``layout`` finds the header row; ``sift`` tells data from blank rows, totals, notes and repeated headers.
"""

from engine.data.importing.sheets.open import open_file

__all__ = ["open_file"]
