"""Effects of ad spend on demand: carry-over, saturation, and their estimation with uncertainty."""
