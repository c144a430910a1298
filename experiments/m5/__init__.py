"""The M5 study: daily unit sales of 30,490 Walmart item-stores, 28 days ahead, at 12 levels."""
