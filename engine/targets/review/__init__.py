"""The review of the year: what grew, why, what it earned, what lay still, what was odd."""
