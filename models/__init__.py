"""What the world does: statistics, economics, stock flow. Arrays and frames in, arrays and frames out.

No files, no clock, no solver; deterministic for a seed; knows nothing of ``engine``.
"""
