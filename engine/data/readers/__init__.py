"""Readers: from files as they are to the tables of the contract."""

from engine.data.readers.completejourney import completejourney
from engine.data.readers.csv_folder import read_csv_folder
from engine.data.readers.m5 import m5
from engine.data.readers.source import Source
from engine.data.readers.vn2 import vn2

__all__ = ["Source", "completejourney", "m5", "read_csv_folder", "vn2"]
