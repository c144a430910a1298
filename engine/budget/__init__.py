"""Where to spend: response of sales to ads, the best split of a quarter, and demand under it."""
